import { HEADERS } from '../../client/contract/schemas.ts';
import { BankClient, type Credentials, type EndpointOptions } from '../../client/index.ts';
import type { CallerGrants } from '../../infra/grants.ts';
import { ACCOUNT, type Aws, textOf } from './aws.ts';

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

/** Limits against a hang. Functions start cold here, on a busy machine, and may take all of their time. */
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

  /** Assumes all roles. */
  static async signIn(aws: Aws): Promise<Callers> {
    const signedIn = await Promise.all(ROLES.map(async (role) => [role, await assumeRole(aws, role)]));
    return new Callers(Object.fromEntries(signedIn));
  }

  client(role: Role, ...endpoints: readonly EndpointOptions[]): BankClient {
    const client = new BankClient({
      endpoints,
      credentials: this.#credentials[role],
      attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
      callTimeoutMs: CALL_TIMEOUT_MS,
      probeIntervalMs: 500,
      batchCalls: true,
      environment: { fetch: markedFetch, sendsOnce: true },
    });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}

/** IAM and STS are one for all Regions. Requests to them are signed for this one. */
const IAM = { service: 'iam', region: 'us-east-1', version: '2010-05-08' };
const STS = { service: 'sts', region: 'us-east-1', version: '2011-06-15' };

/** Every user and role of the account whose own policies allow it may assume the role. */
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:AssumeRole' },
  ],
});

/** Creates a role that may do nothing. The deployment of the bank gives it what it may do. */
export async function createRole(aws: Aws, name: string): Promise<void> {
  await aws.query(IAM, 'CreateRole', { RoleName: name, AssumeRolePolicyDocument: TRUST });
}

/** Assumes a role, as a program does that calls the bank. */
async function assumeRole(aws: Aws, name: string): Promise<Credentials> {
  const xml = await aws.query(STS, 'AssumeRole', {
    RoleArn: `arn:aws:iam::${ACCOUNT}:role/${name}`,
    RoleSessionName: 'emulated',
  });
  return {
    accessKeyId: textOf(xml, 'AccessKeyId'),
    secretAccessKey: textOf(xml, 'SecretAccessKey'),
    sessionToken: textOf(xml, 'SessionToken'),
  };
}
