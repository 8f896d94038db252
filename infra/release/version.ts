import { ReleaseError } from './errors.ts';

const VERSION = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/;

type Parts = readonly [major: number, minor: number, patch: number];

/**
 * The version to release: the next patch, minor or major one, or the one that is named. That may be the one in
 * package.json, which is how the first release is made, and none below it.
 */
export function nextVersion(current: string, wanted: string): string {
  const [major, minor, patch] = partsOf(current);
  switch (wanted) {
    case 'patch':
      return `${major}.${minor}.${patch + 1}`;
    case 'minor':
      return `${major}.${minor + 1}.0`;
    case 'major':
      return `${major + 1}.0.0`;
    default:
      if (compare(partsOf(wanted), [major, minor, patch]) < 0) {
        throw new ReleaseError('bad_argument', `${wanted} is below ${current}: take a higher version.`);
      }
      return wanted;
  }
}

function partsOf(version: string): Parts {
  const [, major, minor, patch] = VERSION.exec(version) ?? [];
  if (patch === undefined) {
    throw new ReleaseError(
      'bad_argument',
      `${JSON.stringify(version)} is no version: say patch, minor, major or X.Y.Z.`,
    );
  }
  return [Number(major), Number(minor), Number(patch)];
}

function compare([major, minor, patch]: Parts, [otherMajor, otherMinor, otherPatch]: Parts): number {
  return major - otherMajor || minor - otherMinor || patch - otherPatch;
}
