import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect } from 'vitest';
import { OPERATION_REFERENCE } from '../../../client/contract/operation-reference.ts';
import { PROBLEM_CASES } from '../../../client/contract/problem-reference.ts';
import {
  HEADERS,
  OPERATIONS,
  type Operation,
  operationOf,
  type ProblemCode,
} from '../../../client/contract/schemas.ts';
import { registerOf } from '../../../functions/bank/key.ts';
import type { ApiHandler, CallLine } from '../../../functions/http/handler.ts';
import { httpEvent } from '../../support/events.ts';
import type { HandlerAnswer, HandlerLab } from '../../support/handler-lab.ts';
import { TableReader } from '../table-reader.ts';
import { checkAnswer, checkLine } from './answers.ts';
import type { FuzzRequest } from './valid.ts';

const OF_A_TRANSFER: readonly ProblemCode[] = [
  'no_such_destination',
  'balance_too_large',
  'destination_frozen',
];
/** The side of the account that a call moves money through. */
const SIDES: Readonly<Record<string, 'debits' | 'credits'>> = {
  deposit: 'credits',
  withdraw: 'debits',
  transfer: 'debits',
  hold: 'debits',
  capture: 'debits',
  captureTo: 'debits',
  refund: 'credits',
};

/** Problems of an invalid request, or of one that the bank has no time for. */
const OF_ANY: readonly ProblemCode[] = ['bad_request', 'no_such_route', 'unavailable'];
/** Documented problems that the fuzz cannot meet: it refunds no credit, and its bank was not recovered. */
const NEVER_MET: Readonly<Partial<Record<Operation, readonly ProblemCode[]>>> = {
  refund: ['not_enough_money', 'destination_frozen'],
  cancel: ['key_expired'],
};

/** The problems that may answer a valid request, by route, as the API reference lists them. */
const PROBLEMS_OF = new Map(
  (Object.keys(OPERATIONS) as Operation[]).map((operation) => {
    const { method, path } = OPERATIONS[operation];
    const documented = OPERATION_REFERENCE[operation].problems.map((name) => PROBLEM_CASES[name].code);
    const never = [...OF_ANY, ...(NEVER_MET[operation] ?? [])];
    return [`${method} ${path}`, documented.filter((code) => !never.includes(code))];
  }),
);

/** Problems that are answered before the table is read. */
const BEFORE_THE_TABLE: ReadonlySet<ProblemCode | undefined> = new Set(OF_ANY);

const READS: ReadonlySet<string> = new Set(['health', 'accounts', 'balance', 'entries', 'holds', 'outcome']);

/** What a read may send: a search stores its progress in the cache. */
const READING = ['GetItem', 'Query', 'Scan', 'PutItem'];

/** An answer that has passed the checks. */
interface Judged {
  readonly event: APIGatewayProxyEventV2;
  readonly answer: HandlerAnswer;
  /** The code, if it is a problem. */
  readonly code: ProblemCode | undefined;
  /** One for each call of a batch. */
  readonly lines: readonly CallLine[];
  /** The first of them. */
  readonly line: CallLine;
}

/** Sends requests to the handler, and compares every answer with the contract, the log, and books of its own. */
export class FuzzJudge {
  /** How often each answer was given. */
  readonly counts: Record<string, number> = {};
  readonly #labs: HandlerLab;
  readonly #reader: TableReader;
  /** By account, the balance that the answers add up to; by register, what was refunded. */
  readonly #booked = new Map<string, bigint>();
  /** What remains of open holds, by account and key. */
  readonly #holds = new Map<string, bigint>();
  /** What calls have taken out of the bank, by the register of their refunds. */
  readonly #paid = new Map<string, bigint>();
  /** Sides that are frozen, such as `joe debits`. */
  readonly #frozen = new Set<string>();
  /** Accounts and registers that requests may have written to. */
  readonly #asked = new Set<string>();

  constructor(labs: HandlerLab) {
    this.#labs = labs;
    this.#reader = new TableReader(labs.lab.tables.endpoint);
  }

  /** Sends a request, and checks the answer of a bank that reaches its table. */
  async judge(request: FuzzRequest): Promise<void> {
    const { lab } = this.#labs;
    lab.requests.length = 0;
    const { code, lines, line, event } = await this.ask(request);
    // Without a request to the table nothing changed. `audit` compares the rest of the table with the books.
    if (BEFORE_THE_TABLE.has(code)) {
      expect(lab.requests).toEqual([]);
    } else if (READS.has(line.operation)) {
      expect(lab.requests.length).toBeGreaterThan(0);
      for (const sent of lab.requests) {
        expect(READING).toContain(sent);
      }
    } else if (line.account !== undefined) {
      this.#asked.add(line.account);
      // A payee that does not exist gets an item with the refusal.
      const { to, call } = namesOf(event);
      if (to !== undefined) {
        this.#asked.add(to);
      }
      if (call !== undefined) {
        this.#asked.add(registerOf(line.account, call));
      }
    }
    if (code === 'unavailable') {
      expect(Number(event.headers[HEADERS.timeLeftMs])).toBeLessThan(1000);
    }
    for (const each of lines) {
      this.#checkFrozen(each, event);
      this.#book(each, event);
    }
  }

  /** Sends a request, and checks what must be true of every answer, whatever the store does. */
  async ask(request: FuzzRequest, handler?: ApiHandler): Promise<Judged> {
    const { lines } = this.#labs;
    const event = toEvent(request);
    lines.length = 0;
    const answer = await this.#labs.ask(event, handler);
    const code = checkAnswer(answer, event.routeKey);
    const replies: { status?: number; body?: { code?: string } }[] = answer.json?.answers ?? [
      { status: answer.status, body: { code } },
    ];
    expect(lines).toHaveLength(replies.length);
    for (const [index, { line, error }] of lines.entries()) {
      const { status = 0, body } = replies[index] ?? {};
      checkLine(line, status);
      if (handler === undefined) {
        expect(error).toBeUndefined();
      }
      const outcome = body?.code ?? String(status);
      this.counts[outcome] = (this.counts[outcome] ?? 0) + 1;
    }
    const [{ line } = raise()] = lines;
    const { expected } = request;
    if (expected !== undefined && 'problem' in expected) {
      expect(code).toBe(expected.problem);
    } else if (handler === undefined && expected !== undefined && code !== undefined) {
      expect(PROBLEMS_OF.get(expected.route)).toContain(code);
    }
    return { answer, code, lines: lines.map((each) => each.line), line, event };
  }

  /** Compares the whole table with the books: only accounts that requests named, and the balances that were answered. */
  async audit(): Promise<void> {
    const items = await this.#reader.items(this.#labs.lab.tables.accounts);
    const found = new Map(items.map(({ account, balance }) => [String(account), balance]));
    for (const [account, balance] of found) {
      expect(this.#asked, 'an item appeared').toContain(account);
      expect({ account, balance }).toEqual({ account, balance: this.#booked.get(account) });
    }
    expect([...found.keys()]).toEqual(expect.arrayContaining([...this.#booked.keys()]));
  }

  /** Checks that no executed call met a freeze, and that each one refused as frozen did. */
  #checkFrozen({ operation, outcome, replayed, account }: CallLine, event: APIGatewayProxyEventV2): void {
    const { to } = namesOf(event);
    const isFrozen = this.#frozen.has(`${account} ${SIDES[operation]}`);
    if (outcome === 'executed') {
      expect(isFrozen).toBe(false);
      if (to !== undefined) {
        expect(this.#frozen.has(`${to} credits`)).toBe(false);
      }
    } else if (replayed !== true) {
      if (outcome === 'account_frozen') {
        expect(isFrozen).toBe(true);
      }
      if (outcome === 'destination_frozen') {
        expect(this.#frozen.has(`${to} credits`)).toBe(true);
      }
    }
  }

  #book({ operation, outcome, account = '', key = '' }: CallLine, event: APIGatewayProxyEventV2): void {
    const isReturned = operation === 'captureTo' && OF_A_TRANSFER.includes(outcome as ProblemCode);
    if (!isReturned && outcome !== 'executed') {
      return;
    }
    const { to = '', hold = '', call = '' } = namesOf(event);
    const named = `${account} ${hold.toLowerCase()}`;
    const register = registerOf(account, call);
    const paid = this.#paid.get(register) ?? 0n;
    const remaining =
      operation === 'refund' ? paid - (this.#booked.get(register) ?? 0n) : (this.#holds.get(named) ?? 0n);
    const { calls = [], ...own } = bodyOf(event);
    const {
      amount = remaining,
      final = true,
      ...sides
    } = calls.find((call) => call.key.toLowerCase() === key) ?? own;
    const amountMinor = BigInt(amount);
    const add = (to: string, changeMinor: bigint) =>
      this.#booked.set(to, (this.#booked.get(to) ?? 0n) + changeMinor);
    switch (operation) {
      case 'deposit':
        add(account, amountMinor);
        break;
      case 'withdraw':
        add(account, -amountMinor);
        this.#paid.set(registerOf(account, key), amountMinor);
        break;
      case 'transfer':
        add(account, -amountMinor);
        add(to, amountMinor);
        break;
      case 'hold':
        add(account, -amountMinor);
        this.#holds.set(`${account} ${key}`, amountMinor);
        break;
      case 'capture':
      case 'captureTo': {
        const left = remaining - amountMinor;
        add(account, final ? left : 0n);
        this.#holds.set(named, final ? 0n : left);
        if (operation === 'captureTo') {
          add(isReturned ? account : to, amountMinor);
        } else {
          this.#paid.set(registerOf(account, key), amountMinor);
        }
        break;
      }
      case 'void':
        add(account, remaining);
        this.#holds.set(named, 0n);
        break;
      case 'refund':
        expect(amountMinor, 'more than the call moved').toBeLessThanOrEqual(remaining);
        add(account, amountMinor);
        add(register, amountMinor);
        break;
      case 'setStatus':
        for (const side of ['debits', 'credits'] as const) {
          if (sides[side] === 'frozen') {
            this.#frozen.add(`${account} ${side}`);
          }
          if (sides[side] === 'open') {
            this.#frozen.delete(`${account} ${side}`);
          }
        }
        break;
    }
  }
}

function namesOf({ requestContext: { http }, rawPath }: APIGatewayProxyEventV2) {
  return operationOf(http.method, rawPath)?.names ?? {};
}

interface Asked {
  readonly amount?: string;
  readonly final?: boolean;
  readonly debits?: string;
  readonly credits?: string;
}

function bodyOf({ body, isBase64Encoded }: APIGatewayProxyEventV2): Asked & {
  readonly calls?: readonly (Asked & { readonly key: string })[];
} {
  return body === undefined
    ? {}
    : JSON.parse(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8').toString());
}

/** The event as Lambda hands it over: read from JSON. */
function toEvent({
  method,
  path,
  routeKey,
  query,
  headers,
  body,
  isBase64Encoded,
}: FuzzRequest): APIGatewayProxyEventV2 {
  const event = httpEvent({
    method,
    path,
    headers,
    isBase64Encoded,
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
  });
  return JSON.parse(JSON.stringify({ ...event, ...(routeKey === undefined ? {} : { routeKey }) }));
}

function raise(): never {
  throw new Error('the handler has logged nothing');
}
