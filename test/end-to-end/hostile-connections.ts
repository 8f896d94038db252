import type { Socket } from 'node:net';
import { openSocket, type RawAnswer, rawPost, say } from './raw-socket.ts';

const IDLE_SOCKETS = 50;
const IN_A_WAVE = 40;
const LARGE_BODIES = 2;
const LARGE_BODY_BYTES = 8 * 1024 * 1024;

interface HostileOptions {
  readonly url: string;
  /** Path of a withdrawal that is sent by halves and must never happen. */
  readonly path: string;
  readonly mintKey: () => string;
  readonly chance: () => number;
}

/**
 * Sends a server all of this at once: connections that say nothing, or one header for ever; bodies of 8 MB; and,
 * in waves, random bytes and requests that break off. Ends with the wave in which `until` resolves, and returns what the
 * server answered to the bodies.
 */
export async function sendHostileTraffic(
  options: HostileOptions,
  until: Promise<unknown>,
): Promise<readonly RawAnswer[]> {
  const { url } = options;
  const over = until.then(() => true);
  const idle = await Promise.all(Array.from({ length: IDLE_SOCKETS }, () => openSocket(url)));
  const slow = setInterval(() => dribble(idle), 50);
  try {
    const large = Array.from({ length: LARGE_BODIES }, () => say(url, post(options, largeBody())));
    const wavesOver = async () => {
      await wave(options);
      return Promise.race([over, false]);
    };
    while (!(await wavesOver())) {}
    return await Promise.all(large);
  } finally {
    clearInterval(slow);
    for (const socket of idle) {
      socket.destroy();
    }
  }
}

async function wave(options: HostileOptions): Promise<void> {
  const { url, chance } = options;
  await Promise.all(
    Array.from({ length: IN_A_WAVE }, () =>
      say(url, chance() < 0.6 ? randomBytes(chance) : half(post(options, '{"amount":"1"}'), chance), {
        hangsUp: true,
      }),
    ),
  );
}

/** Every other connection says one more letter of a header that never ends. */
function dribble(sockets: readonly Socket[]): void {
  for (const [index, socket] of sockets.entries()) {
    if (index % 2 === 1 || !socket.writable) {
      continue;
    }
    socket.write(socket.bytesWritten === 0 ? 'GET / HTTP/1.1\r\nx: ' : 'x');
  }
}

function post({ path, mintKey }: HostileOptions, body: string): string {
  return rawPost(path, { 'idempotency-key': mintKey() }, body);
}

function largeBody(): string {
  return `{"amount":"${'9'.repeat(LARGE_BODY_BYTES)}"}`;
}

function half(request: string, chance: () => number): string {
  return request.slice(0, 1 + Math.floor(chance() * (request.length - 1)));
}

function randomBytes(chance: () => number): Buffer {
  return Buffer.from(
    Array.from({ length: 1 + Math.floor(chance() * 4096) }, () => Math.floor(chance() * 256)),
  );
}
