import type { TestProject } from 'vitest/node';
import { Keeper } from '../../infra/local/keeper.ts';
import { type Schema, synthesizeSchema } from '../../infra/local/schema.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    dynamodbEndpoint: string;
    schema: Schema;
  }
}

/** Starts one DynamoDB, in memory, for the whole run, and synthesizes the CDK app once. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const [keeper, schema] = await Promise.all([Keeper.start({ dataFolder: null }), synthesizeSchema()]);
  console.log(`DynamoDB for this run: ${keeper.description}`);
  provide('dynamodbEndpoint', keeper.endpoint);
  provide('schema', schema);
  return () => keeper.stop();
}
