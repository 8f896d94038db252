import { measured } from '../statistics.ts';
import type { FunctionBundle } from './bundles.ts';
import type { ColdStartResult, Program, StartTimes } from './result.ts';
import type { Start } from './start.ts';

/** Makes the figures of the starts of both functions. */
export function summarizeColdStart(
  functions: Readonly<Record<Program, FunctionBundle>>,
  starts: Readonly<Record<Program, readonly Start[]>>,
): ColdStartResult {
  const bundles = { bank: functions.bank.size, sdk_only: functions.sdk_only.size };
  const times = { bank: timesOf(starts.bank), sdk_only: timesOf(starts.sdk_only) };
  const sizeRatio = (name: 'bytes' | 'gzippedBytes') => bundles.bank[name] / bundles.sdk_only[name];
  const timeRatio = (name: keyof StartTimes) => times.bank[name].median / times.sdk_only[name].median;
  return {
    node: process.version,
    bundles,
    parts: functions.bank.parts,
    starts: times,
    ratios: {
      bytes: sizeRatio('bytes'),
      gzippedBytes: sizeRatio('gzippedBytes'),
      answeredMs: timeRatio('answeredMs'),
      bootMs: timeRatio('bootMs'),
      importMs: timeRatio('importMs'),
      firstCallMs: timeRatio('firstCallMs'),
      processorMs: timeRatio('processorMs'),
    },
  };
}

function timesOf(starts: readonly Start[]): StartTimes {
  const of = (name: keyof Start) => measured(starts.map((start) => start[name]));
  return {
    answeredMs: of('answeredMs'),
    bootMs: of('bootMs'),
    importMs: of('importMs'),
    firstCallMs: of('firstCallMs'),
    processorMs: of('processorMs'),
  };
}
