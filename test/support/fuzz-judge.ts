import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect } from 'vitest';
import { HEADERS, isMove, type Operation, type ProblemCode } from '../../client/contract/schemas.ts';
import type { ApiHandler, CallLine } from '../../functions/http/handler.ts';
import { httpEvent } from './events.ts';
import { checkAnswer, checkLine } from './fuzz-answers.ts';
import type { FuzzRequest } from './fuzz-requests.ts';
import type { HandlerAnswer, HandlerLab } from './handler-lab.ts';

const ANY_MOVE: readonly ProblemCode[] = ['cancelled', 'key_expired', 'key_in_future', 'key_reused'];

/** The problems that a valid request can be, by its route. */
const PROBLEMS_OF: Readonly<Record<string, readonly ProblemCode[]>> = {
  'GET /health': [],
  'GET /accounts': [],
  'GET /accounts/{account}': ['no_such_account'],
  'GET /accounts/{account}/entries': ['no_such_account'],
  'POST /accounts/{account}/deposits': ['no_such_account', 'balance_too_large', ...ANY_MOVE],
  'POST /accounts/{account}/withdrawals': ['no_such_account', 'not_enough_money', ...ANY_MOVE],
  'GET /accounts/{account}/replies/{key}': ['no_reply'],
  'DELETE /accounts/{account}/replies/{key}': [],
  'PUT /accounts/{account}/cancellations/{key}': ['key_in_future'],
};

/** Problems that are found before the table is asked. */
const BEFORE_THE_TABLE: ReadonlySet<ProblemCode | undefined> = new Set<ProblemCode>([
  'bad_request',
  'no_such_route',
  'unavailable',
]);

const READS: ReadonlySet<string> = new Set(['health', 'accounts', 'balance', 'entries', 'outcome']);

/** What reads alone may send: a search puts into the cache how far it came. */
const READING = ['GetItemCommand', 'QueryCommand', 'ScanCommand', 'PutItemCommand'];

/** What came of an event, once it was found to be as it should. */
export interface Judged {
  readonly event: APIGatewayProxyEventV2;
  readonly answer: HandlerAnswer;
  /** Code of the problem that it was, if it was one. */
  readonly code: ProblemCode | undefined;
  readonly line: CallLine;
}

/** Asks the handler and holds every answer against the contract, the log, and the books that it keeps beside. */
export class FuzzJudge {
  /** How often each answer was given. */
  readonly counts: Record<string, number> = {};
  readonly #labs: HandlerLab;
  readonly #tables: DynamoDBDocumentClient;
  /** Balances by the answers that were given. */
  readonly #booked = new Map<string, bigint>();
  /** Accounts that requests were about which may have written. */
  readonly #asked = new Set<string>();

  constructor(labs: HandlerLab) {
    this.#labs = labs;
    this.#tables = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }), {
      unmarshallOptions: { wrapNumbers: BigInt },
    });
  }

  /** Asks, and checks what every answer of a bank must be that reaches its table. */
  async judge(request: FuzzRequest): Promise<void> {
    const { lab } = this.#labs;
    lab.requests.length = 0;
    const { code, line, event } = await this.ask(request);
    // What never asked the table has changed nothing in it; what else is in it is held against the books by `audit`.
    if (BEFORE_THE_TABLE.has(code)) expect(lab.requests).toEqual([]);
    else if (READS.has(line.operation)) {
      expect(lab.requests.length).toBeGreaterThan(0);
      for (const sent of lab.requests) expect(READING).toContain(sent);
    } else if (line.account !== undefined) this.#asked.add(line.account);
    if (code === 'unavailable') expect(Number(event.headers[HEADERS.timeLeftMs])).toBeLessThan(1000);
    this.#book(line, event);
  }

  /** Asks, and checks what every answer must be, whatever the store does. */
  async ask(request: FuzzRequest, handler?: ApiHandler): Promise<Judged> {
    const { lines } = this.#labs;
    const event = toEvent(request);
    lines.length = 0;
    const answer = await this.#labs.ask(event, handler);
    const code = checkAnswer(answer, event.routeKey);
    expect(lines).toHaveLength(1);
    const [{ line, error } = raise()] = lines;
    if (handler === undefined) expect(error).toBeUndefined();
    checkLine(line, answer);
    const told = code ?? String(answer.status);
    this.counts[told] = (this.counts[told] ?? 0) + 1;
    const { expected } = request;
    if (expected !== undefined && 'problem' in expected) expect(code).toBe(expected.problem);
    else if (handler === undefined && expected !== undefined && code !== undefined) {
      expect(PROBLEMS_OF[expected.route]).toContain(code);
    }
    return { answer, code, line, event };
  }

  /** Holds the whole table against the books: no item but of accounts that were asked for, no balance but what was answered. */
  async audit(): Promise<void> {
    const pages = paginateScan(
      { client: this.#tables },
      { TableName: this.#labs.lab.tables.accounts, ConsistentRead: true },
    );
    const found = new Map<string, bigint | undefined>();
    for await (const { Items = [] } of pages) {
      for (const { account, balance } of Items) found.set(account, balance);
    }
    for (const [account, balance] of found) {
      expect(this.#asked, 'an item appeared').toContain(account);
      expect({ account, balance }).toEqual({ account, balance: this.#booked.get(account) });
    }
    for (const account of this.#booked.keys()) expect(found.has(account)).toBe(true);
  }

  #book({ operation, outcome, account }: CallLine, event: APIGatewayProxyEventV2): void {
    if (outcome !== 'executed' || account === undefined || !isMove(operation as Operation)) return;
    const { amount } = JSON.parse(
      Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8').toString(),
    );
    const amountMinor = operation === 'deposit' ? BigInt(amount) : -BigInt(amount);
    this.#booked.set(account, (this.#booked.get(account) ?? 0n) + amountMinor);
  }
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
