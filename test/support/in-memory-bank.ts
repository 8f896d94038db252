import * as v from 'valibot';
import {
  captureBodySchema,
  depositBodySchema,
  HEADERS,
  holdBodySchema,
  isMove,
  type Move,
  operationOf,
  PROBLEM_PAGE,
  PROBLEMS,
  type ProblemCode,
  refundBodySchema,
  statusBodySchema,
  transferBodySchema,
  voidBodySchema,
  withdrawalBodySchema,
} from '../../client/contract/schemas.ts';
import { bankKeyOf, type Call, InMemoryAccount, type StatementEntry } from './in-memory-account.ts';

/** What the in-memory bank reads of a request. */
export interface BankRequestParts {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A status and a body, before they become HTTP. */
export interface BankAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** It was recorded before. */
  readonly replayed?: true;
}

/** A call that was executed. */
export interface Execution {
  readonly key: string;
  readonly account: string;
  readonly amountMinor: bigint;
  readonly balanceMinor: bigint;
}

/** Stands in the place of the call of a key that was cancelled. */
const CANCELLED = 'cancelled';

const MAX_KEY_AGE_MS = 30 * 24 * 60 * 60_000;

const BODIES = {
  deposit: depositBodySchema,
  withdraw: withdrawalBodySchema,
  transfer: transferBodySchema,
  hold: holdBodySchema,
  capture: captureBodySchema,
  captureTo: captureBodySchema,
  void: voidBodySchema,
  refund: refundBodySchema,
  setStatus: statusBodySchema,
} as const satisfies Record<Move, v.GenericSchema<unknown, Call['body']>>;

/**
 * The bank as the client's tests need it: both Regions share it, it executes a key once and remembers every reply, and
 * its books tell afterwards what really happened to the money.
 */
export class InMemoryBank {
  /** Every call that was executed, in order. */
  readonly executions: Execution[] = [];
  /** The clock that keys are held against. */
  nowMs: () => number = () => Date.now();
  readonly #accounts = new Map<string, InMemoryAccount>();
  readonly #replies = new Map<string, { readonly call: string; readonly answer: BankAnswer }>();

  balanceOf(account: string): bigint {
    return this.#account(account).balanceMinor ?? 0n;
  }

  executionsOf(key: string): readonly Execution[] {
    return this.executions.filter((execution) => execution.key === key);
  }

  /** Loses what an account's last call did, as a Region does that fails before another one has it. */
  loseLastEntry(name: string): void {
    const account = this.#account(name);
    const lost = account.entries.pop();
    if (lost !== undefined) {
      account.balanceMinor = this.balanceOf(name) - BigInt(lost.change);
      this.#replies.delete(lost.key);
    }
  }

  /** Does what a request asks for and says what a Region would answer. */
  handle({ method, path, headers, body }: BankRequestParts): BankAnswer {
    const [pathname = '', query] = path.split('?');
    const { operation, names } = operationOf(method, pathname) ?? {};
    const { account = '' } = names ?? {};
    const atMs = this.nowMs();
    this.#account(account).expire(atMs);
    switch (operation) {
      case 'balance':
        return this.#balance(account);
      case 'entries':
        return this.#statement(account, new URLSearchParams(query));
      case 'cancel':
        return this.#cancel(account, names?.key ?? '', atMs);
      default: {
        if (operation === undefined || !isMove(operation)) {
          return problem('no_such_route');
        }
        const key = String(headers[HEADERS.idempotencyKey]);
        const call = { operation, key, ...names, body: v.parse(BODIES[operation], JSON.parse(body)) };
        return this.#move(account, `${path} ${body}`, call, atMs);
      }
    }
  }

  #account(name: string): InMemoryAccount {
    const account = this.#accounts.get(name) ?? new InMemoryAccount();
    this.#accounts.set(name, account);
    return account;
  }

  #balance(name: string): BankAnswer {
    const { balanceMinor, heldMinor, status } = this.#account(name);
    const frozen = Object.entries(status).filter(([, side]) => side === 'frozen');
    return balanceMinor === undefined
      ? problem('no_such_account')
      : ok({
          account: name,
          balance: String(balanceMinor),
          held: String(heldMinor),
          ...Object.fromEntries(frozen),
        });
  }

  #move(account: string, text: string, call: Call, atMs: number): BankAnswer {
    const { key } = call;
    const remembered = this.#replies.get(key);
    if (remembered !== undefined) {
      if (remembered.call === CANCELLED) {
        return remembered.answer;
      }
      return remembered.call === text ? { ...remembered.answer, replayed: true } : problem('key_reused');
    }
    if (timeOfKeyMs(key) > atMs + 5 * 60_000) {
      return problem('key_in_future');
    }
    const answer = this.#execute(account, call, atMs);
    this.#replies.set(key, { call: text, answer });
    return answer;
  }

  /** Executes a call or refuses it, which are entries both. */
  #execute(name: string, call: Call, atMs: number): BankAnswer {
    const { operation, key, to, body } = call;
    const { amount, reference, debits, credits } = body;
    const account = this.#account(name);
    const hold = operation === 'hold' ? key : call.hold;
    const transfer = to === undefined ? {} : { other: to, transfer: key };
    const said = { key, reference, hold, call: call.call, debits, credits, ...transfer };
    const isOld = timeOfKeyMs(key) < atMs - MAX_KEY_AGE_MS;
    const effect = isOld ? 'key_expired' : account.decide(call, atMs);
    if (typeof effect === 'string') {
      account.append({ ...said, type: 'refused', code: effect, amount }, atMs);
      return problem(effect);
    }
    const { leaves, ...moves } = effect;
    const entry = account.append({ ...said, ...moves }, atMs);
    if (hold !== undefined && leaves !== undefined) {
      account.holds.set(hold, leaves);
    }
    account.status = { ...account.status, ...(debits && { debits }), ...(credits && { credits }) };
    if (operation === 'withdraw' || operation === 'capture') {
      account.refundable.set(key, BigInt(entry.amount ?? 0));
    }
    // An answer says what is held right after the call, which the end of a transfer changes.
    const { heldMinor } = account;
    const isTransfer = to !== undefined;
    const end = isTransfer || operation === 'refund' ? this.#end(name, entry, atMs) : undefined;
    if (end?.code !== undefined) {
      return problem(end.code);
    }
    // The answer to a refund has the balance after its end, which brought the money.
    const { balance, sequence, at } = isTransfer ? entry : (end ?? entry);
    const isNamed = call.hold !== undefined || call.call !== undefined;
    // What is undefined is not sent.
    const answer = {
      ...{ account: name, key, balance, sequence, at, to: entry.other, debits, credits, hold: call.hold },
      call: call.call,
      amount: isNamed ? entry.amount : undefined,
      held: hold === undefined ? undefined : String(heldMinor),
      expiresAt: operation === 'hold' && leaves ? new Date(leaves.expiresAtMs).toISOString() : undefined,
    };
    const amountMinor = BigInt(entry.change) + BigInt(end?.change ?? 0);
    this.executions.push({ key, account: name, amountMinor, balanceMinor: BigInt(balance) });
    return ok(answer);
  }

  /** Ends a transfer or a refund, whose money is with the other account then, or back with the reason. */
  #end(name: string, begun: StatementEntry, atMs: number): StatementEntry {
    const { key, type, call, other } = begun;
    const amount = BigInt(begun.amount ?? 0);
    const isRefund = type === 'refund';
    const account = this.#account(name);
    const code = other === undefined ? undefined : this.#credit(name, other, begun, atMs);
    if (isRefund && call !== undefined && code === undefined) {
      account.refundable.set(call, (account.refundable.get(call) ?? 0n) - amount);
    }
    const names = isRefund ? { call, refund: key } : { transfer: key };
    const isBack = other === undefined || code !== undefined;
    const end = {
      ...{ key: bankKeyOf(key), code, other, ...names },
      type: code === undefined ? (isRefund ? 'refunded' : 'settled') : 'returned',
      amount: isRefund && code !== undefined ? undefined : amount,
      change: isBack ? amount : 0n,
      heldChange: other === undefined ? 0n : -amount,
    };
    return account.append(end, atMs);
  }

  /** Pays what was taken from another account, or gives the reason why it has to return. */
  #credit(payer: string, to: string, begun: StatementEntry, atMs: number): ProblemCode | undefined {
    const { key: transfer, type, reference } = begun;
    const amount = BigInt(begun.amount ?? 0);
    const payee = this.#account(to);
    const code = payee.cannotBePaid(amount);
    const key = bankKeyOf(transfer);
    const credit = code === undefined ? { type: 'credit', change: amount } : { type: 'refused' };
    const name = { [type === 'refund' ? 'refund' : 'transfer']: transfer };
    payee.append({ ...{ key, code, amount, reference, other: payer }, ...name, ...credit }, atMs);
    if (code === undefined && type !== 'refund') {
      payee.refundable.set(key, amount);
    }
    return code;
  }

  /** One answer of a statement. */
  #statement(account: string, query: URLSearchParams): BankAnswer {
    const all = this.#account(account).entries;
    if (all.length === 0) {
      return problem('no_such_account');
    }
    const after = query.get('after');
    const before = Number(query.get('before') ?? Number.POSITIVE_INFINITY);
    const chosen = all
      .filter(({ type }) => query.get('refusals') === 'true' || !['refused', 'cancelled'].includes(type))
      .filter(({ sequence }) => (after === null ? sequence < before : sequence > Number(after)));
    const ordered = after === null ? chosen.toReversed() : chosen;
    const entries = ordered.slice(0, Number(query.get('limit')));
    const next = entries.length < ordered.length ? { next: entries.at(-1)?.sequence } : {};
    return ok({ account, entries, ...next });
  }

  /** Records that a key never executes, unless it has a reply, which is told then. */
  #cancel(account: string, key: string, atMs: number): BankAnswer {
    const reply = this.#replies.get(key);
    if (reply === undefined) {
      this.#replies.set(key, { call: CANCELLED, answer: problem('cancelled') });
      this.#account(account).append({ key, type: 'cancelled' }, atMs);
    }
    return reply === undefined || reply.call === CANCELLED
      ? ok({ key, outcome: 'cancelled' })
      : ok({ key, outcome: 'executed', reply: reply.answer });
  }
}

/** A problem as the bank would send it. */
export function problem(code: ProblemCode, members: Readonly<Record<string, unknown>> = {}): BankAnswer {
  const { status, title } = PROBLEMS[code];
  const type = `${PROBLEM_PAGE}#${code}`;
  return { status, body: { type, title, status, detail: `refused: ${code}`, code, ...members } };
}

/** The time inside a UUIDv7, read here once more, so that the tests do not take the client's word for it. */
export function timeOfKeyMs(key: string): number {
  return Number.parseInt(key.replaceAll('-', '').slice(0, 12), 16);
}

function ok(body: Readonly<Record<string, unknown>>): BankAnswer {
  return { status: 200, body };
}
