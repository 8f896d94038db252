import { once } from 'node:events';
import type { Socket } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { answerStarter } from '../programs/program.ts';
import { fillBacklog } from './black-hole.ts';
import { type Behaviour, Relay } from './relay.ts';

/** What the process is told at its start. */
export interface RelayInput {
  /** URL of the Region behind. */
  readonly target: string;
}

/** What it says when it is ready. */
export interface RelayGreeting {
  readonly port: number;
}

/** What it is asked for; it answers when it is so. */
export type RelayRequest = Behaviour | { readonly kind: 'black_hole' };

/** What the thread of the relay is handed. */
interface ThreadInput extends RelayInput {
  /** 1 while the thread is to do nothing at all, of memory that both threads see. */
  readonly halted: Int32Array;
}

/**
 * The program of a relay, in two threads. One relays; to make a black hole it halts, so that it accepts and reads
 * nothing. The other is told what to do by the starter, and ends both when the starter is gone.
 */
if (isMainThread) await guide(JSON.parse(process.argv[2] ?? '{}') as RelayInput);
else await relay(workerData as ThreadInput);

async function guide({ target }: RelayInput): Promise<void> {
  const halted = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const input: ThreadInput = { target, halted };
  const thread = new Worker(new URL(import.meta.url), { workerData: input });
  const [port] = (await once(thread, 'message')) as [number];
  let fillers: readonly Socket[] = [];

  const greeting: RelayGreeting = { port };
  answerStarter<RelayRequest, null>(greeting, async (asked) => {
    Atomics.store(halted, 0, asked.kind === 'black_hole' ? 1 : 0);
    Atomics.notify(halted, 0);
    for (const filler of fillers) filler.destroy();
    fillers = [];
    const heard = once(thread, 'message');
    thread.postMessage(asked);
    await heard;
    if (asked.kind === 'black_hole') fillers = await fillBacklog(port);
    return null;
  });
}

async function relay({ target, halted }: ThreadInput): Promise<void> {
  const relay = await Relay.start(target);
  parentPort?.on('message', (asked: RelayRequest) => {
    if (asked.kind !== 'black_hole') relay.behave(asked);
    parentPort?.postMessage(null);
    if (asked.kind === 'black_hole') Atomics.wait(halted, 0, 1);
  });
  parentPort?.postMessage(relay.port);
}
