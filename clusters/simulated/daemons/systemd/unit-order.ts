import { settingWords } from './unit-file.ts';
import type { UnitDefinition, UnitDisk } from './unit-files.ts';

/** A unit that is started because of another, and whether that one cannot do without it. */
export interface Needed {
  readonly name: string;
  readonly isRequired: boolean;
}

/**
 * What is started before a unit, in this order: what it requires and wants (systemd.unit(5)), and so on, as far as the host has such units.
 * systemd would start at once what is not ordered by `After=`; which comes first then is anybody's guess.
 */
export function neededBy(name: string, { units }: UnitDisk): readonly Needed[] {
  const found = new Map<string, Needed>();
  const visit = (definition: UnitDefinition, isRequired: boolean, above: ReadonlySet<string>): void => {
    for (const [key, requires] of [
      ['Unit.Requires', true],
      ['Unit.BindsTo', true],
      ['Unit.Wants', false],
    ] as const) {
      for (const other of settingWords(definition.settings, key)) {
        const needed = units.get(other);
        if (needed === undefined || found.has(other) || above.has(other)) continue;
        visit(needed, isRequired && requires, new Set([...above, other]));
        found.set(other, { name: other, isRequired: isRequired && requires });
      }
    }
  };
  const unit = units.get(name);
  if (unit !== undefined) visit(unit, true, new Set([name]));
  return [...found.values()];
}

/** The units that are stopped and started anew with another: those that require it or are part of it, and so on, the last of them first. */
export function followersOf(name: string, disk: UnitDisk): readonly string[] {
  const found = new Set<string>([name]);
  for (const one of found)
    for (const [other, { settings }] of disk.units)
      if (['Unit.Requires', 'Unit.BindsTo', 'Unit.PartOf'].some((key) => settingWords(settings, key).includes(one)))
        found.add(other);
  return [...found].slice(1).toReversed();
}

/** The unit that a socket starts (systemd.socket(5), `Service=`). */
export const serviceOf = ({ name, settings }: UnitDefinition): string =>
  settings.get('Socket.Service')?.at(-1) ?? name.replace(/\.socket$/, '.service');

/** The sockets that start a service. */
export const socketsOf = (name: string, { units }: UnitDisk): readonly string[] =>
  [...units.values()].flatMap((unit) => (unit.name.endsWith('.socket') && serviceOf(unit) === name ? [unit.name] : []));
