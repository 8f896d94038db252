import { platform } from '../../../client/environment.ts';
import { sleep } from '../../../client/timers.ts';
import type { HostedProgram } from '../programs/hosted-program.ts';
import type { CallerRequest, CallReport } from './caller-process.ts';
import type { CallerSettings } from './callers.ts';
import { nowMs } from './clock.ts';
import type { CallerName } from './result.ts';

/** The process of a kind of caller. */
export type CallerProgram = HostedProgram<CallerRequest, CallReport | null>;

export interface SessionSettings extends CallerSettings {
  readonly caller: CallerName;
  readonly program: CallerProgram;
  readonly signal: AbortSignal;
}

export interface Repetition {
  /** Time between the beginnings of two calls; a call that takes longer is followed at once. */
  readonly paceMs: number;
  /** How long to wait before the first. Default: not at all. */
  readonly delayMs?: number;
  /** Told of each call, and how many there were; true ends the repetition. */
  readonly isOver: (report: CallReport, calls: number) => boolean;
  /** Ends a wait between two calls. */
  readonly wake?: AbortSignal;
}

/** One life of one caller, which makes one call at a time. */
export class Session {
  readonly caller: CallerName;
  readonly account: string;
  /** Everything that was called. */
  readonly reports: CallReport[] = [];
  readonly #settings: SessionSettings;

  private constructor(settings: SessionSettings) {
    this.caller = settings.caller;
    this.account = settings.account;
    this.#settings = settings;
  }

  static async open(settings: SessionSettings): Promise<Session> {
    const { caller: _, program, signal, ...callerSettings } = settings;
    await program.ask({ type: 'open', session: settings.account, ...callerSettings }, signal);
    return new Session(settings);
  }

  /** Calls again and again. Gives the calls. */
  async repeat({ paceMs, delayMs = 0, isOver, wake }: Repetition): Promise<readonly CallReport[]> {
    const { signal } = this.#settings;
    const waking = wake === undefined ? signal : AbortSignal.any([signal, wake]);
    const reports: CallReport[] = [];
    await sleep(delayMs, platform, waking);
    for (;;) {
      const nextAtMs = nowMs() + paceMs;
      const report = await this.#call();
      reports.push(report);
      if (isOver(report, reports.length)) return reports;
      await sleep(Math.max(nextAtMs - nowMs(), 0), platform, waking);
    }
  }

  async close(): Promise<void> {
    const { program, account, signal } = this.#settings;
    await program.ask({ type: 'close', session: account }, signal);
  }

  async #call(): Promise<CallReport> {
    const { program, account, signal } = this.#settings;
    const report = await program.ask({ type: 'call', session: account }, signal);
    if (report === null) throw new TypeError('a call has a report');
    this.reports.push(report);
    return report;
  }
}
