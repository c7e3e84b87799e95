import type { TemplateEntry } from '../../hosts/template-entry.ts';
import { DEFAULT_RULES } from './default-rules.ts';

/** The part of falco.yaml that is of effect here, with the package's own settings; no web server, which nobody here would ask. */
const CONFIGURATION = `# Falco's configuration. What is not named here has its default; what the lab does not model is refused.

config_files: []
watch_config_files: true

# Read in this order. A folder stands for the .yaml files in it.
rules_files:
  - /etc/falco/falco_rules.yaml
  - /etc/falco/falco_rules.local.yaml
  - /etc/falco/rules.d

# Switches rules on and off:  - disable: { rule: "Terminal shell in container" }
rules: []

engine:
  kind: modern_ebpf

# Alerts of at least this priority.
priority: debug
# first: the first rule that holds speaks; all: each of them.
rule_matching: first

time_format_iso_8601: false
json_output: false
json_include_output_property: true
json_include_message_property: false
json_include_output_fields_property: true
json_include_tags_property: true
buffered_outputs: false

# What is added to every alert.
append_output:
  - suggested_output: true

stdout_output:
  enabled: true

syslog_output:
  enabled: true

file_output:
  enabled: false
  keep_alive: false
  filename: ./events.txt

http_output:
  enabled: false
  url: ""

program_output:
  enabled: false
  keep_alive: false
  program: ""

webserver:
  enabled: false

log_stderr: true
log_syslog: true
log_level: info
`;

const LOCAL = `# Your own rules, and your changes of the ones in falco_rules.yaml. This file is yours: an upgrade leaves it alone.
`;

const file = (path: string, data: string): TemplateEntry => ({ kind: 'file', path, mode: 0o644, data });

/** What the package leaves in /etc/falco. */
export const DEFAULT_FILES: readonly TemplateEntry[] = [
  file('/etc/falco/falco.yaml', CONFIGURATION),
  file('/etc/falco/falco_rules.yaml', DEFAULT_RULES),
  file('/etc/falco/falco_rules.local.yaml', LOCAL),
  { kind: 'folder', path: '/etc/falco/rules.d', mode: 0o755, data: '' },
];
