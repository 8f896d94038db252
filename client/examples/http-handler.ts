import {
  type BankClient,
  InvalidArgumentError,
  OutcomeUnknownError,
  RefusedError,
  UnavailableError,
} from 'twinbank-client';

/**
 * `POST /payments` of a shop: takes `{ "card", "cents" }` from a card. The page that calls it sends the `Idempotency-Key`, and sends the
 * same one again when it tries again. Any server that has `Request` and `Response` can use it:
 *
 * - Hono: `app.post('/payments', (context) => pay(bank, context.req.raw))`
 * - Next.js: `export const POST = (request: Request) => pay(bank, request)`
 */
export async function pay(bank: BankClient, request: Request): Promise<Response> {
  const key = request.headers.get('idempotency-key');
  if (key === null) {
    return Response.json({ error: 'send an Idempotency-Key' }, { status: 400 });
  }
  try {
    const { card, cents } = Object(await request.json()) as { card: string; cents: number };
    const { balance, sequence } = await bank.withdraw(card, cents, { key, signal: request.signal });
    return Response.json({ paid: cents, left: Number(balance), receipt: sequence });
  } catch (error) {
    return answerOf(error);
  }
}

/** What each error means for the caller: send it again with the same key, with another one, or not at all. */
function answerOf(error: unknown): Response {
  if (error instanceof RefusedError && error.retryWith !== 'same key') {
    const { code, retryWith } = error;
    return Response.json({ error: code, paid: false, retryWith }, { status: 409 });
  }
  if (error instanceof RefusedError || error instanceof UnavailableError) {
    return Response.json(
      { error: 'try again', paid: false },
      { status: 503, headers: { 'retry-after': '1' } },
    );
  }
  if (error instanceof OutcomeUnknownError) {
    return Response.json({ error: 'ask again with the same key', paid: 'unknown' }, { status: 504 });
  }
  if (error instanceof InvalidArgumentError || error instanceof SyntaxError) {
    return Response.json({ error: error.message, paid: false }, { status: 400 });
  }
  throw error;
}
