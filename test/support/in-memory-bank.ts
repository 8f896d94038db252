import * as v from 'valibot';
import {
  depositBodySchema,
  HEADERS,
  MAX_AMOUNT_MINOR,
  PROBLEM_PAGE,
  PROBLEMS,
  type ProblemCode,
  withdrawalBodySchema,
} from '../../client/contract/schemas.ts';

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

/** One time that money moved. */
export interface Execution {
  readonly key: string;
  readonly account: string;
  readonly amountMinor: bigint;
  readonly balanceMinor: bigint;
}

/** An entry of a statement, as it is on the wire. */
interface StatementEntry {
  readonly sequence: number;
  readonly key: string;
  readonly type: string;
  readonly code?: string;
  readonly amount?: string;
  readonly change: string;
  readonly heldChange?: string;
  readonly balance: string;
  readonly reference?: string;
  readonly other?: string;
  readonly transfer?: string;
  readonly at: string;
}

/** What an entry says; its place and the balance follow. */
type Said = Omit<StatementEntry, 'sequence' | 'balance' | 'at' | 'change'> & { readonly change?: bigint };

/** Stands in the place of the call of a key that was cancelled. */
const CANCELLED = 'cancelled';

const MAX_KEY_AGE_MS = 30 * 24 * 60 * 60_000;

/** What a call asks for. */
interface Asked {
  readonly amountMinor: bigint;
  /** The account that a transfer is to. */
  readonly to?: string;
  readonly mustExist: boolean;
  readonly reference: string;
}

/**
 * The bank as the client's tests need it: both Regions share it, it executes a key once and remembers every reply, and
 * its books tell afterwards what really happened to the money.
 */
export class InMemoryBank {
  /** Every movement of money, in order. */
  readonly executions: Execution[] = [];
  /** The clock that keys are held against. */
  nowMs: () => number = () => Date.now();
  readonly #balances = new Map<string, bigint>();
  /** Each account's statement, the oldest entry first. */
  readonly #statements = new Map<string, StatementEntry[]>();
  readonly #replies = new Map<string, { readonly call: string; readonly answer: BankAnswer }>();

  balanceOf(account: string): bigint {
    return this.#balances.get(account) ?? 0n;
  }

  executionsOf(key: string): readonly Execution[] {
    return this.executions.filter((execution) => execution.key === key);
  }

  /** Loses what an account's last call did, as a Region does that fails before another one has it. */
  loseLastEntry(account: string): void {
    const lost = this.#statements.get(account)?.pop();
    if (lost !== undefined) {
      this.#balances.set(account, this.balanceOf(account) - BigInt(lost.change));
      this.#replies.delete(lost.key);
    }
  }

  /** Does what a request asks for and says what a Region would answer. */
  handle({ method, path, headers, body }: BankRequestParts): BankAnswer {
    const [, account = '', collection] =
      /^\/accounts\/([^/]+)(?:\/(deposits|withdrawals|transfers\/[^/]+))?$/.exec(path) ?? [];
    if (account !== '' && collection === undefined && method === 'GET') {
      const balance = this.#balances.get(account);
      return balance === undefined
        ? problem('no_such_account')
        : ok({ account, balance: String(balance), held: '0' });
    }
    const [, owner, query = ''] = /^\/accounts\/([^/]+)\/entries\?(.*)$/.exec(path) ?? [];
    if (owner !== undefined && method === 'GET') {
      return this.#statement(owner, new URLSearchParams(query));
    }
    const [, name = '', cancelled] = /^\/accounts\/([^/]+)\/cancellations\/([^/]+)$/.exec(path) ?? [];
    if (cancelled !== undefined && method === 'PUT') {
      return this.#cancel(name, cancelled);
    }
    if (collection === undefined || method !== 'POST') {
      return problem('no_such_route');
    }
    const key = String(headers[HEADERS.idempotencyKey]);
    const isDeposit = collection === 'deposits';
    const [, to] = collection.split('/');
    const asked = v.parse(isDeposit ? depositBodySchema : withdrawalBodySchema, JSON.parse(body));
    return this.#move(account, key, {
      amountMinor: isDeposit ? asked.amount : -asked.amount,
      mustExist: 'mustExist' in asked && asked.mustExist === true,
      reference: asked.reference ?? '',
      ...(to === undefined ? {} : { to }),
    });
  }

  #move(account: string, key: string, asked: Asked): BankAnswer {
    const call = [account, asked.amountMinor, asked.mustExist, asked.reference, asked.to].join(' ');
    const remembered = this.#replies.get(key);
    if (remembered !== undefined) {
      if (remembered.call === CANCELLED) {
        return remembered.answer;
      }
      return remembered.call === call ? { ...remembered.answer, replayed: true } : problem('key_reused');
    }
    if (timeOfKeyMs(key) > this.nowMs() + 5 * 60_000) {
      return problem('key_in_future');
    }
    const isOld = timeOfKeyMs(key) < this.nowMs() - MAX_KEY_AGE_MS;
    const answer = isOld ? problem('key_expired') : this.#decide(account, key, asked);
    if (asked.to === undefined || answer.status !== 200) {
      this.#record(account, key, call, answer, asked);
      return answer;
    }
    return this.#transfer(account, key, call, answer, { ...asked, to: asked.to });
  }

  /** Goes on where a transfer has taken the money from its payer. */
  #transfer(
    account: string,
    key: string,
    call: string,
    taken: BankAnswer,
    { to, amountMinor, reference }: Asked & { readonly to: string },
  ): BankAnswer {
    const amount = -amountMinor;
    const made = key.replace(/^(.{14})./, '$18');
    const common = { amount: String(amount), transfer: key };
    const said = reference === '' ? {} : { reference };
    const begun = { key, type: 'transfer', ...common, ...said, other: to, heldChange: String(amount) };
    this.#append(account, { ...begun, change: amountMinor });
    const isThere = this.#balances.has(to);
    const code = isThere ? {} : { code: 'no_such_destination' };
    const answer = isThere ? { ...taken, body: { ...taken.body, to } } : problem('no_such_destination');
    if (isThere) {
      this.#balances.set(to, this.balanceOf(to) + amount);
    } else {
      this.#balances.set(account, this.balanceOf(account) + amount);
      this.executions.pop();
    }
    const change = isThere ? { change: amount } : {};
    const type = isThere ? 'credit' : 'refused';
    this.#append(to, { key: made, type, ...code, ...common, ...said, ...change, other: account });
    const ending = { ...code, ...common, other: to, heldChange: String(amountMinor) };
    this.#append(account, {
      key: made,
      type: isThere ? 'settled' : 'returned',
      ...ending,
      ...(isThere ? {} : { change: amount }),
    });
    this.#replies.set(key, { call, answer });
    return answer;
  }

  /** One answer of a statement. */
  #statement(account: string, query: URLSearchParams): BankAnswer {
    const all = this.#statements.get(account);
    if (all === undefined) {
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
  #cancel(account: string, key: string): BankAnswer {
    const reply = this.#replies.get(key);
    if (reply === undefined) {
      this.#record(account, key, CANCELLED, problem('cancelled'));
    }
    return reply === undefined || reply.call === CANCELLED
      ? ok({ key, outcome: 'cancelled' })
      : ok({ key, outcome: 'executed', reply: reply.answer });
  }

  #record(account: string, key: string, call: string, answer: BankAnswer, asked?: Asked): void {
    this.#replies.set(key, { call, answer });
    const { amountMinor = 0n, reference = '', to } = asked ?? {};
    const isExecuted = answer.status === 200;
    this.#append(account, {
      key,
      type: isExecuted ? (amountMinor < 0n ? 'withdrawal' : 'deposit') : asked ? 'refused' : 'cancelled',
      ...(isExecuted || asked === undefined ? {} : { code: String(answer.body['code']) }),
      ...(asked === undefined ? {} : { amount: String(amountMinor < 0n ? -amountMinor : amountMinor) }),
      ...(isExecuted ? { change: amountMinor } : {}),
      ...(reference === '' ? {} : { reference }),
      ...(to === undefined ? {} : { other: to, transfer: key }),
    });
  }

  #append(account: string, { change = 0n, ...said }: Said): void {
    // The entries of a call have their balances one after the other.
    const before = BigInt(this.#statements.get(account)?.at(-1)?.balance ?? 0);
    const entry = {
      ...said,
      sequence: this.#nextEntry(account),
      change: String(change),
      balance: String(before + change),
      at: new Date(this.nowMs()).toISOString(),
    };
    const statement = this.#statements.get(account) ?? [];
    statement.push(entry);
    this.#statements.set(account, statement);
  }

  #nextEntry(account: string): number {
    return (this.#statements.get(account)?.length ?? 0) + 1;
  }

  #decide(account: string, key: string, { amountMinor, mustExist }: Asked): BankAnswer {
    const before = this.#balances.get(account);
    const balanceMinor = (before ?? 0n) + amountMinor;
    if ((amountMinor < 0n || mustExist) && before === undefined) {
      return problem('no_such_account');
    }
    if (balanceMinor < 0n) {
      return problem('not_enough_money');
    }
    if (balanceMinor > MAX_AMOUNT_MINOR) {
      return problem('balance_too_large');
    }
    this.#balances.set(account, balanceMinor);
    this.executions.push({ key, account, amountMinor, balanceMinor });
    const sequence = this.#nextEntry(account);
    return ok({
      account,
      key,
      balance: String(balanceMinor),
      sequence,
      at: new Date(this.nowMs()).toISOString(),
    });
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
