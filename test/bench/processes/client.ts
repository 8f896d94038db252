import { HEADERS, pathOf } from '../../../client/contract/schemas.ts';
import { BankClient, mintKey } from '../../../client/index.ts';
import { cpuMicrosOf, serve } from './serve.ts';

export interface ClientRequest {
  readonly kind: 'client' | 'fetch';
  readonly calls: number;
  readonly atOnce: number;
}

/** The client and a bare `fetch`, calling a server that answers at once. Replies with the CPU time of a call. */
const { url } = JSON.parse(process.argv[2] ?? '{}') as { url: string };
// The second endpoint is never called.
const client = new BankClient({ endpoints: [url, 'http://127.0.0.1:1'] });

serve<ClientRequest, number>(undefined, ({ kind, ...options }) =>
  cpuMicrosOf((index) => {
    const account = `account-${index % 64}`;
    return kind === 'client' ? depositByClient(account) : depositByFetch(account);
  }, options),
);

async function depositByClient(account: string): Promise<void> {
  await client.deposit(account, 10n);
}

/** The least that a program writes for a deposit: a time-out, but no retry, and nothing of the answer is checked but its status. */
async function depositByFetch(account: string): Promise<void> {
  const response = await fetch(url + pathOf('deposit', { account }), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      [HEADERS.idempotencyKey]: mintKey(),
      [HEADERS.replyCache]: 'no',
    },
    body: JSON.stringify({ amount: '10' }),
    signal: AbortSignal.timeout(2000),
  });
  const { balance } = (await response.json()) as { balance?: string };
  if (response.status !== 200 || balance === undefined) {
    throw new Error(`answered ${response.status}`);
  }
}
