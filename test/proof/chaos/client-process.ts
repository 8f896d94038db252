import { platform } from '../../../client/environment.ts';
import { BankClient, type BankEvent } from '../../../client/index.ts';
import { KeyMinter } from '../../../client/key.ts';
import { type Answer, cancel, send } from '../../../client/load/call.ts';
import {
  type CallerRequest,
  type CallerSettings,
  type ClientMessage,
  type ClientSettings,
  isNew,
  type NewCall,
  type Reply,
  type RunMessage,
} from './messages.ts';

/**
 * The program of a client process: several callers, each with its own client of the bank, which make the calls that the run
 * sends them. It stores nothing, because it may be killed at any moment.
 */
const settings = JSON.parse(process.argv[2] ?? '{}') as ClientSettings;

// The run has ended, or died.
process.once('disconnect', () => process.exit(0));
if (!process.connected) {
  process.exit(0);
}

const callers = settings.callers.map(openCaller);
process.on('message', (message: RunMessage) => {
  const caller = callers[message.caller];
  if (message.type === 'key_received') {
    caller?.onKeyReceived();
    return;
  }
  caller?.ask(message.asked).then(
    (reply) => report({ type: 'reply', caller: message.caller, reply }),
    // A call always ends with an answer. Anything else is a fault of the run or of the client.
    (error: unknown) =>
      report({ type: 'broken', message: error instanceof Error ? error.message : String(error) }),
  );
});
report({ type: 'ready' });

interface Caller {
  readonly ask: (asked: CallerRequest | NewCall) => Promise<Reply>;
  readonly onKeyReceived: () => void;
}

/** Makes a caller. It makes one call at a time, so every event of its client belongs to that call. */
function openCaller({ endpoints, hedgeAfterMs, letsMint }: CallerSettings, caller: number): Caller {
  let events: { readonly atMs: number; readonly event: BankEvent }[] = [];
  let keyReceived = Promise.resolve();
  let onKeyReceived = () => {};
  const { attemptTimeoutMs, callTimeoutMs, probeIntervalMs } = settings;
  const client = new BankClient({
    endpoints,
    attemptTimeoutMs,
    callTimeoutMs,
    probeIntervalMs,
    ...(hedgeAfterMs === undefined ? {} : { hedgeAfterMs }),
    onEvent: (event) => {
      events.push({ atMs: performance.now(), event });
      if (event.type !== 'key') {
        return;
      }
      keyReceived = new Promise((resolve) => {
        onKeyReceived = resolve;
      });
      report({ type: 'key', caller, key: event.key });
    },
    environment: {
      // This is Node's own `fetch`, which only waits first.
      sendsOnce: true,
      // Had a request left before the run knew its key, the run could not resolve the call when this process is killed.
      fetch: async (...request) => {
        await keyReceived;
        return await fetch(...request);
      },
    },
  });

  async function answerTo(asked: CallerRequest | NewCall): Promise<Answer> {
    if (!isNew(asked)) {
      return asked.kind === 'cancel'
        ? await cancel(client, asked.move.account, asked.move.key)
        : await send(client, asked);
    }
    const { keyAgeMs, ...move } = asked;
    if (letsMint) {
      return await send(client, move);
    }
    const minter = new KeyMinter({ ...platform, wallClockMs: () => Date.now() - keyAgeMs });
    return await send(client, { ...move, key: minter.mint() });
  }

  async function askFor(asked: CallerRequest | NewCall): Promise<Reply> {
    events = [];
    const startedMs = performance.now();
    const answer = await answerTo(asked);
    const endedMs = performance.now();
    const [first] = events.flatMap(({ atMs, event }) =>
      event.type === 'attempt_failed' ? [{ atMs, region: event.endpoint.name }] : [],
    );
    const isFailover = first !== undefined && answer.region !== undefined && first.region !== answer.region;
    return {
      answer,
      durationMs: endedMs - startedMs,
      failoverMs: isFailover ? endedMs - first.atMs : undefined,
    };
  }

  return { ask: askFor, onKeyReceived: () => onKeyReceived() };
}

function report(message: ClientMessage): void {
  if (process.connected) {
    process.send?.(message);
  }
}
