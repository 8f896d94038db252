/** A request to a program of the measurement, with the number under which it is answered. */
export interface Asked<Request> {
  readonly number: number;
  readonly request: Request;
}

/** What the program answers. An error is one of the program itself. */
export type Told<Reply> = { readonly number: number } & (
  | { readonly reply: Reply }
  | { readonly error: string }
);

/** The first message of a program, with what its starter must know. */
export interface Ready<Greeting> {
  readonly ready: Greeting;
}

/** The program's end: answers each request of the starter, and ends when the starter is gone, however it went. */
export function answerStarter<Request, Reply>(
  greeting: unknown,
  answer: (request: Request) => Promise<Reply>,
): void {
  process.once('disconnect', () => process.exit(0));
  if (!process.connected) process.exit(0);
  process.on('message', ({ number, request }: Asked<Request>) => {
    answer(request).then(
      (reply) => tell({ number, reply }),
      (error: unknown) =>
        tell({ number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  tell({ ready: greeting });
}

function tell(message: Told<unknown> | Ready<unknown>): void {
  if (process.connected) process.send?.(message);
}
