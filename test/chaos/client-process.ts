import type { BankEvent } from '../../client/index.ts';
import { ask, cancel } from '../../infra/drill/ask.ts';
import type {
  Asked,
  AskMessage,
  CallerSettings,
  ClientMessage,
  ClientSettings,
  Minting,
  Told,
} from './messages.ts';
import { MintingClient } from './minting.ts';

/**
 * The program of a client process: several callers, each with a client of the bank of its own, which ask what the run
 * tells them to. It remembers nothing, because it may be killed at any moment.
 */
const settings = JSON.parse(process.argv[2] ?? '{}') as ClientSettings;

// Then the run is gone, however it went.
process.once('disconnect', () => process.exit(0));
if (!process.connected) process.exit(0);

const callers = settings.callers.map(openCaller);
process.on('message', ({ caller, asked, minting }: AskMessage) => {
  callers[caller]?.(asked, minting).then(
    (told) => tell({ type: 'told', caller, told }),
    // Whatever the bank does, a call ends in an answer. Anything else is a mistake of the run or of the client.
    (error: unknown) =>
      tell({ type: 'broken', message: error instanceof Error ? error.message : String(error) }),
  );
});
tell({ type: 'ready' });

type Caller = (asked: Asked, minting: Minting | undefined) => Promise<Told>;

/** Makes a caller, which asks for one thing at a time, so that the events of its client are those of its call. */
function openCaller({ endpoints, hedgeAfterMs, givesBack }: CallerSettings): Caller {
  let events: { readonly atMs: number; readonly event: BankEvent }[] = [];
  const { attemptTimeoutMs, callTimeoutMs, probeIntervalMs } = settings;
  const client = new MintingClient({
    endpoints,
    attemptTimeoutMs,
    callTimeoutMs,
    probeIntervalMs,
    // A reply that was given back cannot be asked for again, by anybody.
    ...(givesBack ? {} : { acknowledgeAfterMs: false as const }),
    ...(hedgeAfterMs === undefined ? {} : { hedgeAfterMs }),
    onEvent: (event) => events.push({ atMs: performance.now(), event }),
  });
  return async (asked, minting) => {
    events = [];
    client.minting = minting;
    const startedMs = performance.now();
    const answer = await (asked.kind === 'cancel' ? cancel(client, asked.move) : ask(client, asked));
    const endedMs = performance.now();
    const failed = events.flatMap(({ atMs, event }) =>
      event.type === 'attempt_failed' ? [{ atMs, region: event.endpoint.name, reason: event.reason }] : [],
    );
    const [first] = failed;
    const isFailover = first !== undefined && answer.region !== undefined && first.region !== answer.region;
    return {
      answer,
      durationMs: endedMs - startedMs,
      failures: failed.map(({ region, reason }) => ({ region, reason })),
      failoverMs: isFailover ? endedMs - first.atMs : undefined,
    };
  };
}

function tell(message: ClientMessage): void {
  if (process.connected) process.send?.(message);
}
