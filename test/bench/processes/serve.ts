import pMap from 'p-map';

/** What a process sends: once when it is ready, then for each request. */
export type Message<Reply> = { readonly reply: Reply } | { readonly error: string };

/** The process's end of a `Program`: sends the greeting, then replies to requests until the benchmark is gone. */
export function serve<Request, Reply>(greeting: unknown, reply: (request: Request) => Promise<Reply>): void {
  process.once('disconnect', () => process.exit(0));
  process.on('message', (request: Request) => {
    reply(request).then(
      (value) => send({ reply: value }),
      (error: Error) => send({ error: error.stack ?? error.message }),
    );
  });
  send({ reply: greeting });
}

function send(message: Message<unknown>): void {
  process.send?.(message);
}

/** CPU time of this process for a call, in microseconds. */
export async function cpuMicrosOf(
  call: (index: number) => Promise<void>,
  { calls, atOnce }: { readonly calls: number; readonly atOnce: number },
): Promise<number> {
  const before = process.cpuUsage();
  await pMap(Array.from({ length: calls }).keys(), call, { concurrency: atOnce });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}
