/** How to sign in to the registry of a destination. It is a secret: it never is part of the destination's settings. */
export interface RegistryLogin {
  /** As the destination has it: host and port, perhaps with a path. */
  host: string;
  username: string;
  password: string;
}
