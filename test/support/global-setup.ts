import type { TestProject } from 'vitest/node';
import { Keeper } from '../../infra/local/keeper.ts';
import { statementsOfFunction, synthesize } from './deployment.ts';
import type { Policies } from './enforcement.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    dynamodbEndpoint: string;
    /** What the role of the function behind the API in us-east-1 allows. */
    policies: Policies;
  }
}

/** Starts one DynamoDB, in memory, for the whole run, and synthesizes the CDK app once. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const keeper = await Keeper.start({ dataFolder: null });
  console.log(`DynamoDB for this run: ${keeper.description}`);
  provide('dynamodbEndpoint', keeper.endpoint);
  const { regions } = synthesize();
  provide('policies', { api: statementsOfFunction(regions[0], 'twinbank-api') });
  return () => keeper.stop();
}
