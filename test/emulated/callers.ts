import { HEADERS } from '../../client/contract/schemas.ts';
import { BankClient, type Credentials, type EndpointOptions } from '../../client/index.ts';
import type { CallerGrants } from '../../infra/grants.ts';
import type { Aws } from './aws.ts';
import { assumeRole } from './roles.ts';

/** Who is granted what, in the words of cdk.json. */
export const GRANTS = [
  { role: 'teller', grants: [{ operations: ['all', 'accounts'], accounts: ['*'] }] },
  {
    role: 'shop',
    grants: [
      { operations: ['deposit'], accounts: ['wallet-*'] },
      { operations: ['transfer'], accounts: ['wallet-*'], to: ['till'] },
    ],
  },
  { role: 'risk', grants: [{ operations: ['setStatus'], accounts: ['*'] }] },
] as const satisfies readonly CallerGrants[];

/** Roles of the account; nothing is granted to the stranger. */
export const ROLES = ['teller', 'shop', 'risk', 'stranger'] as const;
type Role = (typeof ROLES)[number];

/** Ceilings against a hang. Functions start cold here, on whatever the machine has left, and may take their whole time. */
const ATTEMPT_TIMEOUT_MS = 15_000;
const CALL_TIMEOUT_MS = 45_000;

/** API Gateway marks all its answers, by which the client knows its refusals. The emulator marks none, so that is done here. */
const markedFetch: typeof globalThis.fetch = async (...request) => {
  const response = await fetch(...request);
  const headers = new Headers(response.headers);
  headers.set(HEADERS.gatewayRequest, headers.get(HEADERS.gatewayRequest) ?? 'emulated');
  return new Response(response.body, { status: response.status, headers });
};

/** Makes clients of the bank that sign as one of the roles, and closes them all in the end. */
export class Callers implements AsyncDisposable {
  readonly #credentials: Readonly<Record<Role, Credentials>>;
  readonly #clients: BankClient[] = [];

  private constructor(credentials: Readonly<Record<Role, Credentials>>) {
    this.#credentials = credentials;
  }

  /** Takes all roles on. */
  static async signIn(aws: Aws): Promise<Callers> {
    const [teller, shop, risk, stranger] = await Promise.all([
      assumeRole(aws, 'teller'),
      assumeRole(aws, 'shop'),
      assumeRole(aws, 'risk'),
      assumeRole(aws, 'stranger'),
    ]);
    return new Callers({ teller, shop, risk, stranger });
  }

  client(role: Role, ...endpoints: readonly EndpointOptions[]): BankClient {
    const client = new BankClient({
      endpoints,
      credentials: this.#credentials[role],
      attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
      callTimeoutMs: CALL_TIMEOUT_MS,
      probeIntervalMs: 500,
      environment: { fetch: markedFetch, sendsOnce: true },
    });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}
