import { HEADERS, pathOf } from '../../../client/contract/schemas.ts';
import { BankClient, mintKey } from '../../../client/index.ts';
import { answerStarter } from '../programs/program.ts';
import type { Server, Slice } from './result.ts';
import { runCalls } from './run-calls.ts';

/** What the process is told at its start: where the servers are. */
export interface ClientInput {
  readonly urls: Readonly<Record<Server, string>>;
  /** Taken for the second address of the client, which it needs none of. */
  readonly otherUrl: string;
}

/** What it is asked. */
export interface ClientRequest {
  readonly kind: 'client' | 'fetch';
  readonly server: Server;
  readonly calls: number;
  readonly atOnce: number;
}

const { urls, otherUrl } = JSON.parse(process.argv[2] ?? '{}') as ClientInput;
const clients = {
  instant: new BankClient({ endpoints: [urls.instant, otherUrl] }),
  region: new BankClient({ endpoints: [urls.region, otherUrl] }),
};
/** Each caller has accounts of its own, or what is measured is how they wait for each other. */
const accounts = Array.from({ length: 64 }, (_, index) => `account-${index}`);
let turn = 0;

answerStarter<ClientRequest, Slice>(null, ({ kind, server, ...how }) =>
  runCalls(() => {
    turn += 1;
    const account = accounts[turn % accounts.length] ?? '';
    return kind === 'client' ? throughClient(server, account) : throughFetch(server, account);
  }, how),
);

async function throughClient(server: Server, account: string): Promise<void> {
  await clients[server].deposit(account, 10n);
}

/** The least that a deposit takes: no timeout, no retry, no check of what is answered but its status. */
async function throughFetch(server: Server, account: string): Promise<void> {
  const response = await fetch(urls[server] + pathOf('deposit', { account }), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      [HEADERS.idempotencyKey]: mintKey(),
      [HEADERS.replyCache]: 'no',
    },
    body: JSON.stringify({ amount: '10' }),
  });
  const { balance } = (await response.json()) as { balance?: string };
  if (response.status !== 200 || balance === undefined) throw new Error(`answered ${response.status}`);
}
