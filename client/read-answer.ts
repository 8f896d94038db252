import { ACCOUNT, BALANCE, type Form, HEADERS, KEY } from './wire.ts';

/**
 * Readers of the bank's answers. They take what the schemas of `contract.ts` take, and throw at everything else; tests
 * hold the two side by side. Fields that a later bank may add are passed over.
 */

/** A recorded reply: the status and the body that a call was answered with. */
export interface RecordedReply {
  readonly status: number;
  readonly body: unknown;
}

/** An RFC 9457 problem, as much of it as the client goes by. */
export interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly executed: false | undefined;
}

/** Reads the answer to a deposit or withdrawal. */
export function readMoved(body: unknown): { account: string; key: string; balance: bigint } {
  return { ...readBalance(body), ...readKey(body) };
}

/** True when an answer was already recorded before the attempt that it answers. */
export function isReplayed(headers: Headers): boolean {
  return headers.get(HEADERS.replayed) === 'true';
}

/** Reads the answer to a balance. */
export function readBalance(body: unknown): { account: string; balance: bigint } {
  const { account, balance } = fieldsOf(body);
  return { account: formed(account, ACCOUNT), balance: BigInt(formed(balance, BALANCE)) };
}

/** Reads a recorded reply under its key. */
export function readRecordedReply(body: unknown): { key: string } & RecordedReply {
  return { ...readKey(body), ...readReply(body) };
}

/** Reads the answer to a cancellation: `reply` is what had come of the key, if it was not cancelled. */
export function readCancellation(body: unknown): { key: string; reply: RecordedReply | undefined } {
  const { outcome, reply } = fieldsOf(body);
  demand(outcome === 'cancelled' || outcome === 'executed', 'outcome');
  return { ...readKey(body), reply: outcome === 'executed' ? readReply(reply) : undefined };
}

/** Reads a problem. */
export function readProblem(body: unknown): Problem {
  const { type, title, status, detail, code, executed } = fieldsOf(body);
  demand(typeof status === 'number', 'status');
  demand(executed === undefined || executed === false, 'executed');
  text(type);
  text(title);
  return { code: text(code), detail: text(detail), executed };
}

function readKey(body: unknown): { key: string } {
  return { key: formed(fieldsOf(body)['key'], KEY).toLowerCase() };
}

function readReply(reply: unknown): RecordedReply {
  const { status, body } = fieldsOf(reply);
  demand(Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599, 'status');
  return { status: Number(status), body: fieldsOf(body) };
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  demand(typeof body === 'object' && body !== null, 'body');
  return body as Record<string, unknown>;
}

function formed(value: unknown, { pattern, says }: Form): string {
  const found = text(value);
  demand(pattern.test(found), says);
  return found;
}

function text(value: unknown): string {
  demand(typeof value === 'string', 'a string is missing');
  return value;
}

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) {
    throw new Error(`not an answer of the bank: ${what}`);
  }
}
