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
  readonly balance: string;
  readonly reference?: string;
  readonly at: string;
}

/** Stands in the place of the call of a key that was cancelled. */
const CANCELLED = 'cancelled';

const MAX_KEY_AGE_MS = 30 * 24 * 60 * 60_000;

/** What a call asks for. */
interface Asked {
  readonly amountMinor: bigint;
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
      /^\/accounts\/([^/]+)(?:\/(deposits|withdrawals))?$/.exec(path) ?? [];
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
    const asked = v.parse(isDeposit ? depositBodySchema : withdrawalBodySchema, JSON.parse(body));
    return this.#move(account, key, {
      amountMinor: isDeposit ? asked.amount : -asked.amount,
      mustExist: 'mustExist' in asked && asked.mustExist === true,
      reference: asked.reference ?? '',
    });
  }

  #move(account: string, key: string, asked: Asked): BankAnswer {
    const call = [account, asked.amountMinor, asked.mustExist, asked.reference].join(' ');
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
    this.#record(account, key, call, answer, asked);
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
    const { amountMinor = 0n, reference = '' } = asked ?? {};
    const isExecuted = answer.status === 200;
    const entry = {
      sequence: this.#nextEntry(account),
      key,
      type: isExecuted ? (amountMinor < 0n ? 'withdrawal' : 'deposit') : asked ? 'refused' : 'cancelled',
      ...(isExecuted || asked === undefined ? {} : { code: String(answer.body['code']) }),
      ...(asked === undefined ? {} : { amount: String(amountMinor < 0n ? -amountMinor : amountMinor) }),
      change: String(isExecuted ? amountMinor : 0n),
      balance: String(this.balanceOf(account)),
      ...(reference === '' ? {} : { reference }),
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
