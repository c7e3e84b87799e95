import type { Configuration } from './configuration.ts';
import { isoTime, timeOfDay } from './fields/event-fields.ts';
import { CHANGES, type ObservedCall } from '../../hosts/observed-call.ts';
import type { FalcoEvent } from './fields/field.ts';
import { fieldsOf, fillIn } from './output-format.ts';
import { PRIORITIES, type Priority } from './rules/definitions.ts';
import type { Rule } from './rules/rule-book.ts';

/** What falco has to say of an event. */
export interface Alert {
  readonly rule: string;
  readonly priority: Priority;
  /** The line as the configuration wants it, without its end. */
  readonly line: string;
}

/** What there is to judge; `lost` is how much was not told. */
export type JudgedEvent = Pick<FalcoEvent, 'by' | 'time'> & { readonly call: ObservedCall };

/** Events that are told here (events.ts). */
const TOLD: ReadonlySet<string> = new Set([...CHANGES, 'execve', 'open', 'openat', 'openat2', 'creat', 'connect']);

/** Judges events by rules, in their order; by default the first that holds is the only one that speaks (`rule_matching`). */
export class Judge {
  readonly #configuration: Configuration;
  readonly #rules: readonly Rule[];
  readonly #hostname: string;
  #count = 0;

  constructor(configuration: Configuration, rules: readonly Rule[], hostname: string) {
    this.#configuration = configuration;
    this.#rules = activeRules(configuration, rules);
    this.#hostname = hostname;
  }

  /** Rules that can never hold here, because nothing tells the events that they ask for. */
  get silent(): readonly Rule[] {
    return this.#rules.filter(({ events }) => events.length > 0 && !events.some((name) => TOLD.has(name)));
  }

  alerts({ call, by, time }: JudgedEvent): readonly Alert[] {
    if (call.type === 'lost') return [this.#dropped(call.count, time)];
    const event: FalcoEvent = { number: ++this.#count, call, by, time, hostname: this.#hostname };
    const holding =
      this.#configuration.rule_matching === 'all'
        ? this.#rules.filter(({ holds }) => holds(event))
        : this.#rules.filter(once(({ holds }: Rule) => holds(event)));
    return holding.map((rule) => ({ rule: rule.name, priority: rule.priority, line: this.#line(rule, event) }));
  }

  #line(rule: Rule, event: FalcoEvent): string {
    const { name, priority, output, tags } = rule;
    const message = fillIn(output, event);
    return this.#format({ name, priority, tags, message, time: event.time, fields: fieldsOf(output, event) });
  }

  /** falco's own words when it cannot keep up (userspace/falco/event_drops.cpp). */
  #dropped(count: number, time: number): Alert {
    const name = 'Falco internal: syscall event drop';
    const message = `${name}. ${count} system calls dropped in last second.`;
    return {
      rule: name,
      priority: 'Debug',
      line: this.#format({ name, priority: 'Debug', tags: [], message, time, fields: { n_drops: count } }),
    };
  }

  /** userspace/engine/formats.cpp; keys of JSON are in order of their names. */
  #format({
    name,
    priority,
    tags,
    message,
    time,
    fields,
  }: {
    readonly name: string;
    readonly priority: Priority;
    readonly tags: readonly string[];
    readonly message: string;
    readonly time: number;
    readonly fields: Readonly<Record<string, unknown>>;
  }): string {
    const configuration = this.#configuration;
    const output = `${configuration.time_format_iso_8601 ? isoTime(time) : timeOfDay(time)}: ${priority} ${message}`;
    if (!configuration.json_output) return output.replaceAll(/[\r\n]/g, ' ');
    const sorted = Object.entries({ ...fields, 'evt.time': 0 }).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const json = JSON.stringify({
      hostname: this.#hostname,
      ...(configuration.json_include_message_property ? { message } : {}),
      ...(configuration.json_include_output_property ? { output } : {}),
      ...(configuration.json_include_output_fields_property ? { output_fields: Object.fromEntries(sorted) } : {}),
      priority,
      rule: name,
      source: 'syscall',
      ...(configuration.json_include_tags_property ? { tags: tags.toSorted() } : {}),
      time: isoTime(time),
    });
    // Nanoseconds are more than a number of JavaScript's holds. In a text of the learner's the quotes would be escaped.
    return json.replace('"evt.time":0', `"evt.time":${time}000000`);
  }
}

/** The first item of which the test holds, as a filter. */
function once<T>(test: (one: T) => boolean): (one: T) => boolean {
  let found = false;
  return (one) => !found && (found = test(one));
}

/** Rules that are switched on and grave enough. `rules` of the configuration switches by name, with `*`, or tag, one after the other. */
function activeRules({ priority, rules: switches }: Configuration, rules: readonly Rule[]): readonly Rule[] {
  const least = PRIORITIES.indexOf(priority);
  return rules.filter((rule) => {
    let isOn = rule.enabled;
    for (const one of switches) {
      const wanted = 'enable' in one ? one.enable : one.disable;
      const byName = wanted.rule !== undefined && (wanted.rule === '*' || wanted.rule === rule.name);
      if (byName || (wanted.tag !== undefined && rule.tags.includes(wanted.tag))) isOn = 'enable' in one;
    }
    return isOn && PRIORITIES.indexOf(rule.priority) <= least;
  });
}
