import type { Measured } from '../results.ts';

/** What runs beside what. */
export interface Costs {
  /** CPU time of the bank's function for a deposit, over a table that answers at once. */
  readonly handler: Compared;
  /** The client beside a bare `fetch`, over a server that answers at once and over a Region that moves the money. */
  readonly client: Readonly<Record<Server, Readonly<Record<CallersAtOnce, ComparedClient>>>>;
}

export type Server = 'instant' | 'region';
export type CallersAtOnce = '1' | '16';

/** CPU time of a call in microseconds: ours, that of what it is held against, and ours divided by that, round by round. */
export interface Compared {
  readonly ourCpuMicros: Measured;
  readonly bareCpuMicros: Measured;
  readonly cpuVsBare: Measured;
}

export interface ComparedClient extends Compared {
  readonly ourCallsPerSecond: Measured;
  readonly bareCallsPerSecond: Measured;
  /** Calls a second of the client divided by those of the bare fetch, round by round. */
  readonly throughputVsBare: Measured;
}

/** One stretch of calls. */
export interface Slice {
  readonly cpuMicros: number;
  readonly callsPerSecond: number;
}
