import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../functions/dynamodb/client.ts';
import { createCloudFormation, findUnprotected } from '../../functions/dynamodb/protection.ts';
import { awsEnvironment } from '../../infra/local/environment.ts';
import { listen } from '../support/dead-endpoints.ts';
import { createTestTables, type TestTables } from '../support/dynamodb-lab.ts';

const REGION = 'us-east-1';

/** Answers DescribeStacks as CloudFormation does. It knows one stack. */
const stack = { name: 'twinbank-tables', isProtected: false };
const server = createServer(async (request, response) => {
  const isThere = new URLSearchParams(await text(request)).get('StackName') === stack.name;
  response.writeHead(isThere ? 200 : 400, { 'content-type': 'text/xml' }).end(
    isThere
      ? `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
           <StackName>${stack.name}</StackName><EnableTerminationProtection>${stack.isProtected}</EnableTerminationProtection>
           <CreationTime>2026-11-22T12:00:00.000Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>
         </member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
      : `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>
           <Code>ValidationError</Code><Message>Stack with id nowhere does not exist</Message></Error></ErrorResponse>`,
  );
});

const tables = await createTestTables();
beforeAll(async () => {
  Object.assign(process.env, awsEnvironment(tables.endpoint, REGION), {
    AWS_ENDPOINT_URL_CLOUDFORMATION: await listen(server),
  });
});
afterAll(() => server.close());

function unprotected(overrides: { names?: readonly string[]; stackName?: string | null } = {}) {
  const { names = namesOf(tables), stackName = stack.name } = overrides;
  return findUnprotected(
    {
      dynamodb: createClient({ region: REGION, endpoint: tables.endpoint }),
      cloudformation: createCloudFormation(REGION),
      tables: names,
      stack: stackName,
    },
    AbortSignal.timeout(20_000),
  );
}

const namesOf = ({ accounts, pages, idempotency }: TestTables) => [accounts, pages, idempotency];

const protect = (TableName: string, DeletionProtectionEnabled: boolean) =>
  createClient({ region: REGION, endpoint: tables.endpoint }).send(
    new UpdateTableCommand({ TableName, DeletionProtectionEnabled }),
  );

test('each protection that is off is named, until all of them are on', async () => {
  const { accounts, pages, idempotency } = tables;
  stack.isProtected = false;
  expect(await unprotected()).toEqual([
    `deletion protection of ${accounts}`,
    `deletion protection of ${pages}`,
    `deletion protection of ${idempotency}`,
    'termination protection of twinbank-tables',
  ]);
  await protect(accounts, true);
  await protect(pages, true);
  expect(await unprotected({ stackName: null })).toEqual([`deletion protection of ${idempotency}`]);
  await protect(idempotency, true);
  stack.isProtected = true;
  expect(await unprotected()).toEqual([]);
});

test('what is not there is not protected', async () => {
  expect(await unprotected({ names: ['nowhere'], stackName: 'nowhere' })).toEqual([
    'deletion protection of nowhere',
    'termination protection of nowhere',
  ]);
});

test('the function fails while one of them is off, and says which', async () => {
  Object.assign(process.env, {
    BANK: 'twinbank',
    ACCOUNTS_TABLE: tables.accounts,
    PAGES_TABLE: tables.pages,
    IDEMPOTENCY_TABLE: tables.idempotency,
    TABLES_STACK: stack.name,
  });
  const { handler } = await import('../../functions/protection.ts');
  const context = { getRemainingTimeInMillis: () => 20_000 };
  for (const name of namesOf(tables)) {
    await protect(name, true);
  }
  stack.isProtected = true;
  await expect(handler({}, context)).resolves.toBeUndefined();
  stack.isProtected = false;
  await expect(handler({}, context)).rejects.toThrow(
    /^off in us-east-1: termination protection of twinbank-tables; /,
  );
});

test('the function fails when it cannot look', async () => {
  const cannotLook = findUnprotected(
    {
      dynamodb: createClient({ region: REGION, endpoint: 'http://127.0.0.1:1' }),
      cloudformation: createCloudFormation(REGION),
      tables: [tables.accounts],
      stack: null,
    },
    AbortSignal.timeout(20_000),
  );
  await expect(cannotLook).rejects.toThrow(/ECONNREFUSED/);
});
