import type { TestProject } from 'vitest/node';
import { Keeper } from '../../infra/local/keeper.ts';
import { statementsOfFunction, synthesize } from './deployment.ts';
import type { Policies } from './enforcement.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    dynamodbEndpoint: string;
    /** What the roles of the functions in us-east-1 allow. */
    policies: Policies;
  }
}

/** Starts one DynamoDB, in memory, for the whole run, and synthesizes the CDK app once. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const keeper = await Keeper.start({ dataFolder: null });
  console.log(`DynamoDB for this run: ${keeper.description}`);
  provide('dynamodbEndpoint', keeper.endpoint);
  const { regions } = synthesize();
  provide('policies', {
    api: statementsOfFunction(regions[0], 'twinbank-api'),
    sweep: statementsOfFunction(regions[0], 'twinbank-sweep'),
  });
  return () => keeper.stop();
}
