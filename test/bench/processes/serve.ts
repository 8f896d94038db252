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
