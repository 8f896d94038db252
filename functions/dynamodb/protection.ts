import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';

/** The tables and the stack to check in one Region. */
export interface ProtectionParts {
  readonly dynamodb: DynamoDBClient;
  readonly cloudformation: CloudFormationClient;
  readonly tables: readonly string[];
  /** Stack that has the tables; null if it is in the other Region. */
  readonly stack: string | null;
}

/** Makes a client of CloudFormation. No call of the bank waits for it, so its timeouts are longer than those of the store. */
export function createCloudFormation(region: string): CloudFormationClient {
  return new CloudFormationClient({
    region,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
}

/**
 * Returns the protections that are off, one phrase each: deletion protection of the tables, and termination protection of their stack. A
 * missing table or stack counts as unprotected.
 */
export async function findUnprotected(
  { dynamodb, cloudformation, tables, stack }: ProtectionParts,
  abortSignal: AbortSignal,
): Promise<readonly string[]> {
  const ofTables = tables.map(async (table) =>
    (await isTableProtected(dynamodb, table, abortSignal)) ? [] : [`deletion protection of ${table}`],
  );
  const ofStack = async (name: string) =>
    (await isStackProtected(cloudformation, name, abortSignal)) ? [] : [`termination protection of ${name}`];
  return (await Promise.all([...ofTables, ...(stack === null ? [] : [ofStack(stack)])])).flat();
}

async function isTableProtected(client: DynamoDBClient, TableName: string, abortSignal: AbortSignal) {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }), { abortSignal });
    return Table?.DeletionProtectionEnabled === true;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) {
      return false;
    }
    throw error;
  }
}

async function isStackProtected(client: CloudFormationClient, StackName: string, abortSignal: AbortSignal) {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }), { abortSignal });
    return Stacks?.[0]?.EnableTerminationProtection === true;
  } catch (error) {
    // CloudFormation has no error of its own for this.
    if (
      error instanceof Error &&
      error.name === 'ValidationError' &&
      / does not exist$/.test(error.message)
    ) {
      return false;
    }
    throw error;
  }
}
