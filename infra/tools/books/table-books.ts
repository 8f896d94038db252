import {
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  ResourceNotFoundException,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { type Attributes, toAttributes } from '../../../functions/dynamodb/attributes.ts';
import { createClient } from '../../../functions/dynamodb/client.ts';
import { ATTRIBUTES } from '../../../functions/dynamodb/items.ts';
import { SCHEMA } from '../../../functions/dynamodb/schema.ts';
import type { TableNames } from '../../names.ts';
import { type Book, type Books, BooksError } from './books.ts';

/** Parts that a table is read in, side by side. */
const SEGMENTS = 4;

/** Items of one read. After each the place is noted, so this is what an interruption costs. */
const READ_ITEMS = 200;

/** More attempts than the SDK's default: a new table takes 4,000 writes a second at first, and throttles what is above that. */
const PATIENT_LIMITS = {
  connectionTimeoutMs: 2_000,
  requestTimeoutMs: 10_000,
  maxAttempts: 12,
  maxSockets: 64,
};

/** A client with patient limits. The SDK finds the endpoint of DynamoDB in the environment. */
export function createPatientClient(region: string): DynamoDBClient {
  return createClient({ region, limits: PATIENT_LIMITS });
}

/** The tables that books are in. */
type BookTables = Pick<TableNames, 'accounts' | 'pages'>;

/** Reads books from two tables, which may be in use. A second scan, of the pages, finds pages that have no head. */
export async function tableBooks(client: DynamoDBClient, tables: BookTables): Promise<Books> {
  const bookOf = (account: string, head: Attributes | undefined): Book => ({
    account,
    head,
    readHead: () => readHead(client, tables, account),
    pages: (start) => readPages(client, tables, account, start),
  });
  const kinds = ['accounts', 'pages'] as const;
  const names = await Promise.all(kinds.map((kind) => readableTable(client, tables[kind], kind)));
  const parts = kinds.flatMap((table) =>
    Array.from({ length: SEGMENTS }, (_, segment) => `${table} ${segment}/${SEGMENTS}`),
  );
  return {
    name: names.join(' and '),
    parts,
    book: async (account) => bookOf(account, await readHead(client, tables, account)),
    read: async (part, from) => {
      const [table, segment, segments] = part.split(/[ /]/);
      const ofPages = table === 'pages';
      const { Items = [], LastEvaluatedKey } = await client.send(
        new ScanCommand({
          TableName: ofPages ? tables.pages : tables.accounts,
          Segment: Number(segment),
          TotalSegments: Number(segments),
          Limit: READ_ITEMS,
          ConsistentRead: true,
          ...(from === undefined ? {} : { ExclusiveStartKey: JSON.parse(from) }),
          ...(ofPages
            ? {
                ProjectionExpression: '#account',
                ExpressionAttributeNames: { '#account': ATTRIBUTES.account },
              }
            : {}),
        }),
      );
      const next = LastEvaluatedKey === undefined ? undefined : JSON.stringify(LastEvaluatedKey);
      if (!ofPages) {
        return { books: Items.map((item) => bookOf(nameOf(item), item)), next };
      }
      // The read before had this account too.
      const before = from === undefined ? undefined : nameOf(JSON.parse(from));
      const accounts = [...new Set(Items.map(nameOf))].filter((account) => account !== before);
      const found = await Promise.all(
        accounts.map(async (account) => bookOf(account, await readHead(client, tables, account))),
      );
      return { books: found.filter(({ head }) => head === undefined), next };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Returns the identity of a table of books. Throws {@link BooksError} if it is being restored, or is of another kind. */
async function readableTable(client: DynamoDBClient, TableName: string, kind: keyof BookTables) {
  const { TableStatus, KeySchema = [] } = (await describeTable(client, TableName)) ?? {};
  if (TableStatus === 'CREATING') {
    throw new BooksError(`${TableName} is not ready yet: wait until its status is ACTIVE`);
  }
  const has = KeySchema.map(({ AttributeName }) => AttributeName).join(' and ');
  const needs = SCHEMA[kind].keys.map(({ name }) => name).join(' and ');
  if (has !== needs) {
    throw new BooksError(`${TableName} has the key ${has}, and a table of ${kind} has ${needs}`);
  }
  return await identityOf(client, TableName);
}

/** Identifies a table. One that was deleted and created again has the same name, but another identity. */
export async function identityOf(client: DynamoDBClient, TableName: string): Promise<string> {
  const table = await describeTable(client, TableName);
  return `${table?.TableArn} of ${table?.CreationDateTime?.toISOString()}`;
}

/** Describes a table. Throws {@link BooksError} if there is none. */
export async function describeTable(client: DynamoDBClient, TableName: string) {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table;
  } catch (cause) {
    if (!(cause instanceof ResourceNotFoundException)) {
      throw cause;
    }
    throw new BooksError(
      `There is no table ${TableName} in ${await client.config.region()}: check the name and the Region`,
      { cause },
    );
  }
}

function nameOf(item: Attributes): string {
  return item[ATTRIBUTES.account]?.S ?? '';
}

async function readHead(client: DynamoDBClient, { accounts }: BookTables, account: string) {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: accounts, Key: toAttributes({ account }), ConsistentRead: true }),
  );
  return Item;
}

async function* readPages(client: DynamoDBClient, { pages }: BookTables, account: string, start: number) {
  const query = paginateQuery(
    { client },
    {
      TableName: pages,
      KeyConditionExpression: '#account = :account AND #first > :start',
      ExpressionAttributeNames: { '#account': ATTRIBUTES.account, '#first': ATTRIBUTES.first },
      ExpressionAttributeValues: toAttributes({ ':account': account, ':start': start }),
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of query) {
    yield* Items;
  }
}
