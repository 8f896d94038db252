import { expect, onTestFinished, test } from 'vitest';
import { Books, type Move } from '../../infra/local/screen/page/hammer/books.ts';
import { Gate } from '../../infra/local/screen/page/hammer/gate.ts';
import { readBooks } from '../../infra/local/screen/page/hammer/read-books.ts';
import { HammerRunner } from '../../infra/local/screen/page/hammer/run.ts';
import { judge } from '../../infra/local/screen/page/hammer/tally.ts';
import type { Hammer } from '../../infra/local/screen/page/state.ts';
import { answer, type Behaviour, drop, executeAndHang, loseReply, sendJson } from '../support/behaviours.ts';
import { InMemoryBank } from '../support/in-memory-bank.ts';
import { ScriptedEndpoint } from '../support/scripted-endpoint.ts';
import { chanceFrom, seedOf } from '../support/seed.ts';

const DEPOSIT: Move = { what: 'deposit', account: 'ann', amount: 7n };
const WITHDRAWAL: Move = { what: 'withdraw', account: 'ann', amount: 3n };

async function twoRegions() {
  const bank = new InMemoryBank();
  const start = async (region: string) => {
    const endpoint = await ScriptedEndpoint.start({ region, bank });
    onTestFinished(() => endpoint.stop());
    return endpoint;
  };
  return [await start('us-east-1'), await start('us-east-2')] as const;
}

/** Runs a small hammer, and gives all that it told. */
async function hammerOn(
  endpoints: readonly ScriptedEndpoint[],
  random: () => number,
  onTold: (hammer: Hammer) => void = () => {},
): Promise<{ told: readonly Hammer[]; last: Extract<Hammer, { phase: 'done' }> }> {
  const told: Hammer[] = [];
  const runner = new HammerRunner({
    endpoints,
    clients: 12,
    seconds: 1,
    callTimeoutMs: 700,
    prefix: 'hammer-test',
    random,
    elapsedMs: () => performance.now(),
    tell: (hammer) => {
      told.push(hammer);
      onTold(hammer);
    },
  });
  await runner.run();
  const last = told.at(-1);
  if (last?.phase !== 'done') throw new Error(`the run ended with ${last?.phase}`);
  return { told, last };
}

test('books hold what was answered, and leave open what was not', () => {
  const books = new Books(['ann', 'bob']);
  books.enter(DEPOSIT, { kind: 'executed' });
  books.enter(WITHDRAWAL, { kind: 'executed' });
  books.enter(DEPOSIT, { kind: 'refused' });
  books.enter(DEPOSIT, { kind: 'unavailable' });
  books.enter(DEPOSIT, { kind: 'unknown', key: 'k' });
  expect(Object.fromEntries(books.expected)).toEqual({ ann: 4n, bob: 0n });
  expect(books.open).toEqual([{ ...DEPOSIT, key: 'k' }]);
});

test('an open call stays open until it is settled, and counts as what it turned out to be', () => {
  const books = new Books(['ann']);
  books.enter(DEPOSIT, { kind: 'unknown', key: 'one' });
  books.enter(DEPOSIT, { kind: 'unknown', key: 'two' });
  books.enter(DEPOSIT, { kind: 'unknown', key: 'three' });
  const [one, two, three] = books.open;
  if (one === undefined || two === undefined || three === undefined) throw new Error('nothing is open');
  books.settle(one, 'executed');
  expect(books.open).toEqual([two, three]);
  books.settle(two, 'refused');
  books.settle(three, 'cancelled');
  expect(books.open).toEqual([]);
  expect(books.expected.get('ann')).toBe(7n);
  const tally = { calls: 3, executed: 1, refused: 1, unavailable: 1, unknown: 3, settled: 3 };
  expect(books.tally).toMatchObject(tally);
});

test('the gate lets no more through at a time than it has places, and in turn', async () => {
  const gate = new Gate(2);
  let inside = 0;
  let most = 0;
  const order: number[] = [];
  const enter = (number: number) =>
    gate.run(async () => {
      inside += 1;
      most = Math.max(most, inside);
      order.push(number);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      if (number === 3) throw new Error('its place is handed on all the same');
    });
  const results = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => enter(index)));
  expect(most).toBe(2);
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(results.filter(({ status }) => status === 'rejected').length).toBe(1);
});

test('the books balance when replies are lost and connections cut at random', async () => {
  const random = chanceFrom(seedOf('hammer'));
  const [east, west] = await twoRegions();
  const sometimes: Behaviour = (exchange) => {
    const behaviour = random() < 0.7 ? answer : random() < 0.5 ? loseReply : drop;
    behaviour(exchange);
  };
  east.usually = sometimes;
  west.usually = sometimes;
  east.next(executeAndHang, executeAndHang, executeAndHang);
  const { told, last } = await hammerOn([east, west], random);
  expect([...new Set(told.map(({ phase }) => phase))]).toEqual(['sending', 'settling', 'reading', 'done']);
  const { calls, executed, refused, unavailable, unknown, settled } = last.tally;
  expect(executed).toBeGreaterThan(0);
  expect(executed + refused + unavailable + unknown - settled).toBe(calls);
  expect(judge(last.verdict), JSON.stringify(last.verdict.regions, String)).toBe('balanced');
});

test('calls that nobody answered are settled with their keys, and then the books balance', async () => {
  const [east, west] = await twoRegions();
  for (const endpoint of [east, west]) endpoint.usually = executeAndHang;
  const { last } = await hammerOn([east, west], chanceFrom(2), ({ phase }) => {
    if (phase !== 'sending') for (const endpoint of [east, west]) endpoint.usually = answer;
  });
  const { calls, unknown, settled, executed } = last.tally;
  expect(calls).toBeGreaterThan(0);
  expect(unknown).toBe(calls);
  expect(settled).toBe(calls);
  expect(executed).toBeGreaterThan(0);
  expect(judge(last.verdict), JSON.stringify(last.verdict.regions, String)).toBe('balanced');
});

test('the books do not balance when the bank loses money, and the account is named', async () => {
  const [east, west] = await twoRegions();
  west.usually = (exchange) => {
    const { request, response, bank } = exchange;
    const { status, body } = bank.handle(request);
    const isBalance = request.method === 'GET' && status === 200;
    sendJson(
      response,
      request.region,
      status,
      isBalance ? { ...body, balance: `9${body['balance']}` } : body,
    );
  };
  const { last } = await hammerOn([east, west], chanceFrom(1));
  expect(judge(last.verdict)).toBe('differs');
  const [first, second] = last.verdict.regions;
  expect(first).toEqual({ kind: 'agrees', region: 'us-east-1' });
  const differences = second?.kind === 'differs' ? second.differences : [];
  expect(differences.length).toBeGreaterThan(0);
  for (const { account, expected, found } of differences) {
    expect(account).toMatch(/^hammer-test-\d+$/);
    expect(String(found)).toBe(`9${expected}`);
  }
});

test('a Region that cannot be read is told as that, and not as one that agrees', async () => {
  const [east] = await twoRegions();
  await east.stop();
  expect(await readBooks(east, new Map([['ann', 0n]]))).toEqual({ kind: 'silent', region: 'us-east-1' });
});

test('an account that nobody has heard of holds nothing, which may be too little', async () => {
  const [east] = await twoRegions();
  expect(await readBooks(east, new Map([['ann', 0n]]))).toEqual({ kind: 'agrees', region: 'us-east-1' });
  expect(await readBooks(east, new Map([['ann', 5n]]))).toEqual({
    kind: 'differs',
    region: 'us-east-1',
    differences: [{ account: 'ann', expected: 5n, found: 0n }],
  });
});

test.each([
  ['balanced', 0, ['agrees', 'agrees']],
  ['partly', 0, ['agrees', 'silent']],
  ['unread', 0, ['silent', 'silent']],
  ['differs', 0, ['agrees', 'differs']],
  ['differs', 0, ['differs', 'silent']],
  ['open', 1, ['agrees', 'agrees']],
  ['open', 1, ['differs', 'differs']],
] as const)('the verdict is "%s" with %i calls open and Regions that %j', (verdict, open, kinds) => {
  const regions = kinds.map((kind) => ({ kind, region: 'r', differences: [] }));
  expect(judge({ accounts: 1, total: 0n, open, regions })).toBe(verdict);
});
