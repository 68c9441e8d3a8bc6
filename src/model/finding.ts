/** What became of one input path. Every path ends in exactly one of these; see docs/findings.md. */
export type Decision = 'translated' | 'inferred' | 'approximated' | 'ignored' | 'refused';

export type Severity = 'info' | 'warning' | 'error';

/** Where a part of a stack came from. `path` is a compose path (`services.web.ports.0`) or an API field (`fqdn`). */
export interface Origin {
  /** A file name, or `application`, `service`, `database`, `envs`, `storages`, … for API objects. */
  source: string;
  path: string;
  /** Character offsets in the source text, when the source is text. */
  range?: { start: number; end: number };
}

export interface Finding {
  /** Stable, `CK` and four digits; the table in stack/findingCodes.ts holds them all. */
  code: string;
  decision: Decision;
  severity: Severity;
  origin: Origin;
  /** One sentence. Never holds a secret value. */
  message: string;
  /** What an `inferred` decision rests on. */
  evidence?: string;
  /** What the user can do; always there when refused. */
  fix?: string;
}
