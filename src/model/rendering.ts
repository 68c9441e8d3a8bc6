import type { Build } from './build';
import type { Finding } from './finding';
import type { Manifest } from './manifest';

/** A reference to another host found in text, and what it resolves to in the cluster. */
export interface HostReference {
  container: string;
  /** Where it was found: `env.DATABASE_URL`, `command`, `file:/etc/x.conf`. */
  where: string;
  host: string;
  port?: number;
  resolved: boolean;
}

/** What a render yields: the objects in apply order, and one finding per input path (those of the stack are among them). */
export interface Rendering {
  namespace: string;
  manifests: Manifest[];
  findings: Finding[];
  hostReferences: HostReference[];
  /** Commands around the deployment, in Coolify's sense. */
  hooks?: RenderedHook[];
  /** Images that have to be made first. */
  builds?: RenderedBuild[];
}

/** An image as the pods name it, and how it is made. */
export interface RenderedBuild { image: string; build: Build }

/** A command to be run in a container of a workload (`deployment/web`). */
export interface RenderedHook { when: 'before' | 'after'; target: string; container: string; command: string }
