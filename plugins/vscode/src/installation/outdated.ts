/**
 * Whether the Shadowpen that the extension installed is older than the one it contains. By the records that installers
 * leave in an environment: the version, and the file that it came from (PEP 610). Knows no editor.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface Outdated {
  installed: string;
  carried: string;
}

/** Where an editor lays the extension, and in it the wheel; whoever installed from another place looks after it. */
const OURS = /\/shadowpen\.shadowpen-[^/]+\/server\/[^/]+\.whl$/i;
const RECORD = /^shadowpen-(.+)\.dist-info$/;
const VERSION = /^(\d+(?:\.\d+)*)(?:\.?(dev|a|b|rc)(\d+))?$/;
const STAGES = ['dev', 'a', 'b', 'rc', undefined];

/** Both versions; undefined where what is in `environment` is not ours, not older than `wheel`, or not plain. */
export function outdated(environment: string, wheel: string): Outdated | undefined {
  const records = libraries(environment).flatMap((folder) =>
    readdirSync(folder).flatMap((name) => (RECORD.test(name) ? [join(folder, name)] : [])),
  );
  const [record] = records;
  if (!record || records.length > 1 || !OURS.test(origin(record))) {
    return undefined;
  }
  const installed = RECORD.exec(basename(record))?.[1] ?? '';
  const carried = basename(wheel).split('-')[1] ?? '';
  return isNewer(carried, installed) ? { installed, carried } : undefined;
}

/** The order of PEP 440 as far as our versions go; false where one of them is not among those. */
export function isNewer(one: string, other: string): boolean {
  const [first, second] = [numbers(one), numbers(other)];
  if (!first || !second) {
    return false;
  }
  const place = first.findIndex((number, i) => number !== second[i]);
  return place >= 0 && (first[place] as number) > (second[place] as number);
}

/** The release with four places, the stage before it, and the number of that: each counts before the next. */
function numbers(version: string): number[] | undefined {
  const [, release, stage, step = '0'] = VERSION.exec(version) ?? [];
  const places = release?.split('.').map(Number);
  return places && [0, 1, 2, 3].map((i) => places[i] ?? 0).concat(STAGES.indexOf(stage), Number(step));
}

function libraries(environment: string): string[] {
  const lib = join(environment, 'lib');
  const versions = existsSync(lib) ? readdirSync(lib).map((python) => join(lib, python, 'site-packages')) : [];
  return [join(environment, 'Lib', 'site-packages'), ...versions].filter(existsSync);
}

/** The address of the file that an installation came from; "" where it has none. */
function origin(record: string): string {
  try {
    return String((JSON.parse(readFileSync(join(record, 'direct_url.json'), 'utf8')) as { url?: unknown }).url);
  } catch {
    return '';
  }
}
