import * as v from 'valibot';
import { ReleaseError } from './errors.ts';

const UNRELEASED = /^## Unreleased$\n(.*?)(?=^## |$(?![\s\S]))/ms;

/** The changelog with its unreleased entries under the version's heading, and those entries. */
export interface ReleasedChangelog {
  readonly text: string;
  readonly entries: string;
}

/** Turns "Unreleased" into the version with its date, and leaves an empty "Unreleased" above it. `date` is YYYY-MM-DD. */
export function releaseChangelog(changelog: string, version: string, date: string): ReleasedChangelog {
  const [section, entries = ''] = UNRELEASED.exec(changelog) ?? [];
  if (section === undefined || !/^- \S/m.test(entries)) {
    throw new ReleaseError(
      'nothing_to_release',
      'CHANGELOG.md has no entry under "## Unreleased": write there what changes for users, and commit it.',
    );
  }
  const released = `## Unreleased\n\n## ${version} - ${date}\n\n${entries.trim()}\n`;
  const rest = changelog.slice(changelog.indexOf(section) + section.length);
  const text = changelog.slice(0, changelog.indexOf(section)) + released + (rest === '' ? '' : `\n${rest}`);
  return { text, entries: entries.trim() };
}

const manifestSchema = v.looseObject({ version: v.string(), private: v.optional(v.boolean()) });
const lockSchema = v.looseObject({
  version: v.string(),
  packages: v.objectWithRest(
    { '': manifestSchema, client: manifestSchema, 'client/command': manifestSchema },
    v.unknown(),
  ),
});

/** The version that a package.json has. */
export function versionIn(manifest: string): string {
  return parse(manifestSchema, manifest).version;
}

/** True for a package that npm refuses to publish. */
export function isPrivate(manifest: string): boolean {
  return parse(manifestSchema, manifest).private ?? false;
}

/** A package.json with another version. */
export function withVersion(manifest: string, version: string): string {
  return asFile({ ...parse(manifestSchema, manifest), version });
}

/** A package-lock.json with another version of the root, the client and the command. */
export function withVersionInLock(lock: string, version: string): string {
  const parsed = parse(lockSchema, lock);
  const { '': root, client, 'client/command': command } = parsed.packages;
  const packages = {
    ...parsed.packages,
    '': { ...root, version },
    client: { ...client, version },
    'client/command': { ...command, version },
  };
  return asFile({ ...parsed, version, packages });
}

/** Checked, and not rebuilt by the schema, which would change the order of the members. */
function parse<Schema extends v.GenericSchema>(schema: Schema, json: string): v.InferOutput<Schema> {
  const parsed: unknown = JSON.parse(json);
  v.assert(schema, parsed);
  return parsed;
}

/** As npm writes such files. */
function asFile(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
