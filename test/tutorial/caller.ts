import type { CashMove } from '../../client/contract/schemas.ts';
import type { Intent } from '../../functions/bank/decide.ts';
import type { KeyAnswer } from '../../functions/bank/execute.ts';
import { intentOf, transferOf } from '../support/asked.ts';
import { callOf, outcomeOf, type PlainBank } from '../support/plain-bank.ts';

/** The account that everything is about. */
export const ACCOUNT = 'joe';

/** The account that is paid, where one is. */
export const PAYEE = 'ann';

/** A bank's function in one Region. */
export interface Region {
  readonly name: string;
  readonly bank: PlainBank;
}

/** What a caller asks for, with the key that it has minted: a transfer is one from the account to the payee. */
interface Request {
  readonly move: CashMove | 'transfer';
  /** Undefined for {@link ACCOUNT}. */
  readonly account?: string;
  readonly amountMinor: bigint;
  readonly key: string;
}

/** The function died in the middle of a call, so its caller gets no answer. */
export class FunctionDiedError extends Error {
  override readonly name = 'FunctionDiedError';
}

/** What callers know of their accounts: the answers that they were given, one entry a key. */
class Passbook {
  readonly #movedMinor = new Map<string, bigint>();

  /** Enters what a caller was told. A retry is given the same reply, so its key is entered once. */
  enter(key: string, movedMinor: bigint): void {
    this.#movedMinor.set(key, movedMinor);
  }

  /** What the accounts must hold if the bank has kept its promises. */
  get balanceMinor(): bigint {
    return [...this.#movedMinor.values()].reduce((sum, moved) => sum + moved, 0n);
  }
}

/** Longest that one call may take, in milliseconds. */
const CALL_TIMEOUT_MS = 10_000;

/** Wide enough for the longest request, so that answers stand below each other. */
const REQUEST_WIDTH = 38;

/** Sends requests, prints the outcome of each, and enters the answers in the passbook. */
export class Caller {
  readonly book = new Passbook();
  readonly #say: (line: string) => void;
  /** Keys are long and differ from run to run, so they are told by letters. */
  readonly #letters = new Map<string, string>();

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** Sends a request and receives the answer. */
  async ask(region: Region, request: Request): Promise<void> {
    const answer = await this.#send(region, request);
    this.#tell(region, request, String(outcomeOf(answer)));
    const { move, amountMinor, key } = request;
    const signedMinor = move === 'deposit' ? amountMinor : -amountMinor;
    this.book.enter(key, typeof outcomeOf(answer) === 'bigint' ? signedMinor : 0n);
  }

  /** Sends a request that gets no answer, and says why. */
  async askInVain(region: Region, request: Request, why: string): Promise<void> {
    try {
      await this.#send(region, request);
    } catch (error) {
      if (!(error instanceof FunctionDiedError)) {
        throw error;
      }
    }
    this.#tell(region, request, `(${why})`);
  }

  /** Delivers a copy of a request that was delayed on its way. Its sender no longer waits for the answer. */
  async deliverLate(region: Region, request: Request): Promise<void> {
    this.#tell(region, request, String(outcomeOf(await this.#send(region, request))), ', late');
  }

  async #send({ bank }: Region, request: Request): Promise<KeyAnswer> {
    return await bank.execute(callOfCaller(request), AbortSignal.timeout(CALL_TIMEOUT_MS));
  }

  #tell({ name }: Region, { move, account, amountMinor, key }: Request, told: string, remark = ''): void {
    const to = move === 'transfer' ? PAYEE : account;
    const what = `${move} ${amountMinor}${to === undefined ? '' : ` to ${to}`}`;
    const request = `${name}  ${what}, key ${this.#letterOf(key)}${remark}`;
    this.#say(`  ${request.padEnd(REQUEST_WIDTH)}  ${told}`);
  }

  #letterOf(key: string): string {
    const letter = this.#letters.get(key) ?? String.fromCharCode(65 + this.#letters.size);
    this.#letters.set(key, letter);
    return letter;
  }
}

function callOfCaller({ move, account = ACCOUNT, amountMinor, key }: Request): Intent {
  return move === 'transfer'
    ? intentOf({ account, key }, transferOf(PAYEE, amountMinor))
    : callOf({ account, key }, move, amountMinor);
}
