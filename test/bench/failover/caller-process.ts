import { answerStarter } from '../programs/program.ts';
import { type Caller, type CallerSettings, type Ending, openCaller } from './callers.ts';
import { nowMs } from './clock.ts';
import type { CallerName } from './result.ts';

/** What the process is told at its start. */
export interface CallerInput {
  readonly caller: CallerName;
}

/** What it is asked. A session is one life of a caller. */
export type CallerRequest =
  | ({ readonly type: 'open'; readonly session: string } & CallerSettings)
  | { readonly type: 'call' | 'close'; readonly session: string };

/** One call as its caller saw it. */
export interface CallReport {
  readonly beganAtMs: number;
  readonly durationMs: number;
  readonly ending: Ending;
}

/**
 * The program of one kind of caller. It is a process of its own because programs share neither connections nor time with
 * each other, and because the one that makes the faults must not slow down the one that measures.
 */
const { caller: name } = JSON.parse(process.argv[2] ?? '{}') as CallerInput;
const sessions = new Map<string, Caller>();

answerStarter<CallerRequest, CallReport | null>(null, async (request) => {
  const { session } = request;
  switch (request.type) {
    case 'open':
      sessions.set(session, openCaller(name, request));
      return null;
    case 'call':
      return await measure(callerOf(session));
    case 'close':
      await callerOf(session).close();
      sessions.delete(session);
      return null;
  }
});

async function measure(caller: Caller): Promise<CallReport> {
  const beganAtMs = nowMs();
  const ending = await caller.deposit();
  return { beganAtMs, durationMs: nowMs() - beganAtMs, ending };
}

function callerOf(session: string): Caller {
  const caller = sessions.get(session);
  if (caller === undefined) throw new RangeError(`there is no session ${session}`);
  return caller;
}
