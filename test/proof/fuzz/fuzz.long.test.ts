import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { HEADERS, NO_ROUTE_KEY } from '../../../client/contract/schemas.ts';
import type { Subject } from '../../../functions/bank/append.ts';
import { createBank } from '../../../functions/bank/bank.ts';
import { patient } from '../../support/dynamodb-lab.ts';
import { createHandlerLab, type HandlerLab } from '../../support/handler-lab.ts';
import { newKey } from '../../support/keys.ts';
import { chanceFrom, seedOf } from '../../support/seed.ts';
import { flakyStore } from './flaky-store.ts';
import { FuzzJudge } from './judge.ts';
import { depositWith, OVERSIZED_REQUESTS } from './oversized.ts';
import { requests } from './requests.ts';

const EVENTS = 3000;
const EVENTS_ON_A_FLAKY_STORE = 800;
const LIMIT_MS = 180_000;
/** The subject of a request that has none. */
const NO_SUBJECT: Subject = { account: 'nobody', key: newKey() };

let labs: HandlerLab;
let judge: FuzzJudge;

beforeEach(async () => {
  labs = await createHandlerLab();
  judge = new FuzzJudge(labs);
});

describe('random events', () => {
  test(
    `are answered as the contract says, ${EVENTS} of them, and no other money moves than they say`,
    async () => {
      let events = 0;
      const property = fc.asyncProperty(requests(labs.lab.now.ms), async (request) => {
        await judge.judge(request);
        events += 1;
        if (events % 500 === 0) {
          await judge.audit();
        }
      });
      await fc.assert(property, { seed: seedOf('events'), numRuns: EVENTS });
      await judge.audit();
      console.log(`${events} events: ${JSON.stringify(judge.counts)}`);
      const often = [
        '200',
        '204',
        'bad_request',
        'no_such_route',
        'no_such_account',
        'no_reply',
        'key_expired',
        'no_such_destination',
        'no_such_hold',
        'hold_captured',
        'hold_voided',
        'no_such_call',
        'not_refundable',
        'refund_exceeded',
        'account_frozen',
        'destination_frozen',
      ];
      expect(Object.keys(judge.counts)).toEqual(expect.arrayContaining(often));
    },
    LIMIT_MS,
  );

  test(
    `are answered so on a store that fails at every third step, ${EVENTS_ON_A_FLAKY_STORE} of them, and each 503 is true`,
    async () => {
      const seed = seedOf('events on a flaky store');
      const flaky = flakyStore(labs.lab.store, chanceFrom(seed));
      const handler = labs.handlerOf('us-east-1', flaky);
      const calm = createBank({ store: labs.lab.store, nowMs: () => labs.lab.now.ms, keysNotBeforeMs: 0 });
      const stateOf = async (subject: Subject) => ({
        known: await calm.outcome(subject, patient()),
        balance: await calm.balance(subject.account, patient()),
      });
      let failures = 0;
      const property = fc.asyncProperty(requests(labs.lab.now.ms), async (request) => {
        const { subject = NO_SUBJECT } = request;
        const before = await stateOf(subject);
        Object.assign(flaky, { failures: 0, uncertain: 0 });
        const { answer, code, lines, line, event } = await judge.ask(request, handler);
        const after = await stateOf(subject);
        failures += flaky.failures;
        const hasMoved = !isDeepStrictEqual(after.balance, before.balance);
        // A transfer or refund that an earlier request has begun may end with this one, and come back.
        const mayEnd = ['transfer', 'captureTo', 'refund', 'cancel'].includes(line.operation);
        if (hasMoved && !mayEnd) {
          const outcomes = lines.map(({ outcome }) => outcome);
          expect(outcomes.some((outcome) => ['executed', 'unavailable'].includes(outcome))).toBe(true);
        }
        const own = lines.find(({ key }) => key === subject.key.toLowerCase());
        if (own?.outcome === 'executed' && after.known?.kind !== 'pending') {
          expect(after.known).toMatchObject({
            line: { entry: { body: { kind: 'executed' } } },
            returned: undefined,
          });
        }
        if (code !== 'unavailable') {
          return;
        }
        const mayArrive = flaky.uncertain > 0;
        if (answer.json.executed === false) {
          expect({ mayArrive, ...after }).toEqual({ mayArrive: false, ...before });
        }
        if (flaky.failures === 0 && !mayArrive) {
          expect(Number(event.headers[HEADERS.timeLeftMs])).toBeLessThan(1000);
        }
      });
      await fc.assert(property, { seed, numRuns: EVENTS_ON_A_FLAKY_STORE });
      console.log(`${failures} failures: ${JSON.stringify(judge.counts)}`);
    },
    LIMIT_MS,
  );
});

describe('an event of a megabyte or more', () => {
  test.each(OVERSIZED_REQUESTS)(
    '(%s) is turned away before the table is asked, and leaves nothing behind',
    async (_, make) => {
      for (let times = 0; times < 5; times += 1) {
        await judge.judge(make());
      }
      await judge.audit();
    },
  );
});

describe('an event without a route', () => {
  test.each([
    // Servers let this one through, for the sake of `OPTIONS *`.
    '*/accounts/joe/deposits',
    'x/accounts/joe/deposits',
    '\0/accounts/joe/deposits',
    'accounts/joe/deposits',
    '//accounts/joe/deposits',
  ])('is answered no_such_route, even if its path looks like one: %j', async (path) => {
    await judge.judge(depositWith({ path, routeKey: NO_ROUTE_KEY, expected: { problem: 'no_such_route' } }));
    await judge.audit();
  });
});
