import type { FieldError } from '../../status.ts';
import type { Level, Version } from './evaluate.ts';

export interface LevelVersion {
  readonly level: Level;
  readonly version: Version;
}

export interface Policy {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
}

const PREFIX = 'pod-security.kubernetes.io/';
const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted'];
const PRIVILEGED: LevelVersion = { level: 'privileged', version: 'latest' };

export const NO_POLICY: Policy = { enforce: PRIVILEGED, audit: PRIVILEGED, warn: PRIVILEGED };

/** `baseline:v1.35` */
export const levelText = ({ level, version }: LevelVersion): string => `${level}:${versionText(version)}`;
const versionText = (version: Version): string => (version === 'latest' ? 'latest' : `v1.${version}`);

/** Above 0 when `a` is stricter. */
export const compareLevels = (a: Level, b: Level): number => LEVELS.indexOf(a) - LEVELS.indexOf(b);
export const samePolicy = (a: LevelVersion, b: LevelVersion): boolean => a.level === b.level && a.version === b.version;

const parseLevel = (text: string): Level | undefined => LEVELS.find((level) => level === text);

/** `latest` or `v1.<minor>`. */
function parseVersion(text: string): Version | undefined {
  if (text === 'latest') return 'latest';
  const minor = /^v1\.(0|[1-9]\d*)$/.exec(text)?.[1];
  return minor === undefined ? undefined : Number(minor);
}

/**
 * The policy a namespace's labels ask for (pod-security-admission/api/helpers.go PolicyToEvaluate). What cannot be read is restricted
 * for enforce, privileged for the others, and named in `errors`.
 */
export function policyOf(
  labels: Readonly<Record<string, string>> | undefined,
  defaults: Policy,
): { policy: Policy; errors: FieldError[] } {
  const errors: FieldError[] = [];
  if (labels === undefined) return { policy: defaults, errors };
  const invalid = (label: string, value: string, why: string): void => {
    errors.push({
      type: 'FieldValueInvalid',
      field: `metadata.labels[${label}]`,
      message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
    });
  };
  const read = (mode: keyof Policy, otherwise: Level): LevelVersion => {
    let { level, version } = defaults[mode];
    const levelLabel = labels[PREFIX + mode];
    if (levelLabel !== undefined) {
      const parsed = parseLevel(levelLabel);
      if (parsed === undefined) invalid(PREFIX + mode, levelLabel, `must be one of ${LEVELS.join(', ')}`);
      level = parsed ?? otherwise;
    }
    const versionLabel = labels[`${PREFIX}${mode}-version`];
    if (versionLabel !== undefined) {
      const parsed = parseVersion(versionLabel);
      if (parsed === undefined) invalid(`${PREFIX}${mode}-version`, versionLabel, 'must be "latest" or "v1.x"');
      version = parsed ?? 'latest';
    }
    return { level, version };
  };
  const enforce = read('enforce', 'restricted');
  const audit = read('audit', 'privileged');
  let warn = read('warn', 'privileged');
  const enforceLabel = labels[`${PREFIX}enforce`];
  const stricter = compareLevels(enforce.level, warn.level) > 0;
  if (labels[`${PREFIX}warn`] === undefined && parseLevel(enforceLabel ?? '') !== undefined && stricter) {
    warn = {
      level: enforce.level,
      version: labels[`${PREFIX}warn-version`] === undefined ? enforce.version : warn.version,
    };
  }
  return { policy: { enforce, audit, warn }, errors };
}

export interface PodSecurityConfig {
  readonly defaults: Policy;
  readonly exemptNamespaces: ReadonlySet<string>;
  readonly exemptUsers: ReadonlySet<string>;
  readonly exemptRuntimeClasses: ReadonlySet<string>;
}

/** Reads a PodSecurityConfiguration; throws with upstream's words (admission/api/validation/validation.go). */
export function podSecurityConfig(config: Readonly<Record<string, unknown>> | undefined): PodSecurityConfig {
  const given = (config?.['defaults'] ?? {}) as Readonly<Record<string, string>>;
  const exemptions = (config?.['exemptions'] ?? {}) as Readonly<Record<string, readonly string[] | undefined>>;
  const read = (mode: string): LevelVersion => {
    const level = parseLevel(given[mode] ?? 'privileged');
    const version = parseVersion(given[`${mode}-version`] ?? 'latest');
    if (level === undefined) {
      throw new Error(
        `defaults.${mode}: Invalid value: ${JSON.stringify(given[mode])}: must be one of ${LEVELS.join(', ')}`,
      );
    }
    if (version === undefined) {
      throw new Error(
        `defaults.${mode}-version: Invalid value: ${JSON.stringify(given[`${mode}-version`])}: must be "latest" or "v1.x"`,
      );
    }
    return { level, version };
  };
  return {
    defaults: { enforce: read('enforce'), audit: read('audit'), warn: read('warn') },
    exemptNamespaces: new Set(exemptions['namespaces'] ?? []),
    exemptUsers: new Set(exemptions['usernames'] ?? []),
    exemptRuntimeClasses: new Set(exemptions['runtimeClasses'] ?? []),
  };
}
