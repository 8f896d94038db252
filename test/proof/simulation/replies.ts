import { HEADERS, isProblemCode, PROBLEMS } from '../../../client/contract/schemas.ts';
import { bankKeyOfEntry } from '../../../functions/bank/entry.ts';
import type { KnownReply, Shared } from './caller.ts';
import type { Tables, Violation } from './tables.ts';

/** Reports each reply that a caller got and that is not in the book under the same key and with the same balance. */
export function compareWithBook(
  { history, replies }: Pick<Shared, 'history' | 'replies'>,
  tables: Tables,
): void {
  const toCalls = history.flatMap(({ type, account, key, balance, code }) =>
    key === undefined || type === 'invoke' || type === 'unknown' ? [] : { account, key, balance, code },
  );
  for (const reply of [...toCalls, ...replies].filter((each) => !isThere(each, tables))) {
    const message = `${reply.account}: ${reply.key} has another reply in the book than its caller got`;
    tables.violations.push({ invariant: 'I6', message });
  }
}

function isThere({ account, key, balance, code }: KnownReply, tables: Tables): boolean {
  const { entry, balanceMinor } = tables.lineOf(account, key) ?? {};
  const id = entry === undefined ? undefined : bankKeyOfEntry(account, entry);
  const last = id === undefined ? undefined : tables.lineOf(account, id);
  const end = last?.entry.body;
  if (balance !== undefined) {
    if (end?.kind === 'refunded') {
      return last?.balanceMinor === balance && end.code === undefined;
    }
    const isEnded = id === undefined || end?.kind === 'settled';
    return entry?.body.kind === 'executed' && balanceMinor === balance && isEnded;
  }
  if (code === undefined || code === 'cancelled') {
    return entry?.body.kind === 'cancelled';
  }
  if (!isProblemCode(code) || !PROBLEMS[code].recorded) {
    return true;
  }
  const said = end ?? entry?.body;
  const isRefusal = said?.kind === 'refused' || said?.kind === 'returned' || said?.kind === 'refunded';
  return isRefusal && said.code === code;
}

/** Every reply to a key is the same, byte for byte (I4). */
export function compareBytes(
  bytes: Map<string, string>,
  { target, rawHeaders }: { target: string; rawHeaders: readonly string[] },
  { status, body }: { status: number; body: Buffer },
  violations: Violation[],
): void {
  const at = rawHeaders.indexOf(HEADERS.idempotencyKey);
  const code = status === 200 ? 'ok' : (JSON.parse(body.toString() || '{}') as { code?: string }).code;
  if (at < 0 || !isRecorded(code)) {
    return;
  }
  const key = `${target} ${rawHeaders[at + 1]}`;
  const said = `${status} ${body}`;
  const before = bytes.get(key) ?? said;
  bytes.set(key, before);
  if (before !== said) {
    violations.push({ invariant: 'I4', message: `${key}: ${said} after ${before}` });
  }
}

function isRecorded(code: string | undefined): boolean {
  return code === 'ok' || (code !== undefined && isProblemCode(code) && PROBLEMS[code].recorded);
}
