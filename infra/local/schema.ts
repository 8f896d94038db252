import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { type Configuration, resolveConfiguration } from '../configuration.ts';
import { tableNames } from '../names.ts';
import { TablesStack } from '../tables.ts';

/** One table as the CDK app defines it, without its name. Plain data, so that it can be handed to other processes. */
export interface TableDefinition {
  readonly keys: readonly {
    readonly name: string;
    readonly type: 'S' | 'N' | 'B';
    readonly role: 'HASH' | 'RANGE';
  }[];
  /** Attribute that holds the time to live, or null where items live for ever. */
  readonly timeToLive: string | null;
}

/** What the CDK app says, as far as one machine can follow it. */
export interface Schema {
  readonly configuration: Configuration;
  readonly accounts: TableDefinition;
  readonly idempotency: TableDefinition;
}

/** The properties of an `AWS::DynamoDB::GlobalTable` that are read here. */
interface GlobalTableProperties {
  readonly TableName: string;
  readonly AttributeDefinitions: readonly {
    readonly AttributeName: string;
    readonly AttributeType: 'S' | 'N' | 'B';
  }[];
  readonly KeySchema: readonly { readonly AttributeName: string; readonly KeyType: 'HASH' | 'RANGE' }[];
  readonly TimeToLiveSpecification?: { readonly AttributeName: string; readonly Enabled: boolean };
}

/** Synthesizes the stack of the tables in this process and reads the tables from its template. */
export async function synthesizeSchema(): Promise<Schema> {
  const cdk = JSON.parse(await readFile(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
    context: { twinbank: unknown };
  };
  // Left to itself, the CDK makes a folder for each synthesis and never removes it.
  const folder = await mkdtemp(join(tmpdir(), 'twinbank-synth-'));
  try {
    const app = new App({
      outdir: folder,
      // Validation costs seconds and is the business of `cdk synth`.
      builtinCloudFormationValidation: false,
    });
    const configuration = resolveConfiguration({ context: cdk.context.twinbank });
    new TablesStack(app, configuration, {});
    const names = tableNames(configuration.prefix);
    const templates = app.synth().stacks.map((stack) => stack.template as Template);
    return {
      configuration,
      accounts: definition(templates, names.accounts),
      idempotency: definition(templates, names.idempotency),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: unknown }>>;
}

function definition(templates: readonly Template[], tableName: string): TableDefinition {
  const table = templates
    .flatMap((template) => Object.values(template.Resources))
    .filter((resource) => resource.Type === 'AWS::DynamoDB::GlobalTable')
    .map((resource) => resource.Properties as GlobalTableProperties)
    .find((properties) => properties.TableName === tableName);
  if (table === undefined) throw new Error(`the CDK app has no global table named ${tableName}`);
  return {
    keys: table.KeySchema.map(({ AttributeName, KeyType }) => {
      const attribute = table.AttributeDefinitions.find((each) => each.AttributeName === AttributeName);
      if (attribute === undefined) throw new Error(`${tableName} does not define its key ${AttributeName}`);
      return { name: AttributeName, type: attribute.AttributeType, role: KeyType };
    }),
    timeToLive: table.TimeToLiveSpecification?.Enabled ? table.TimeToLiveSpecification.AttributeName : null,
  };
}
