/** Environment variables that are read; keys and tokens are never taken from the command line, where everybody on the machine could see them. */
export const environmentHelp = `Environment:
  SSH_KEY_FILE          private key to sign in with; else the destination's identityFile, ssh_config or the agent
  SSH_PASSPHRASE_FILE   file with the passphrase of that key
  SUDO_PASSWORD_FILE    file with the password of sudo on the server, for a destination with sudo: true
  REGISTRY_USERNAME, REGISTRY_PASSWORD_FILE   to sign in to the destination's registry; else the server's own Docker configuration
  SSH_KNOWN_HOSTS_FILE  file with the server's host key, beside ~/.ssh/known_hosts; an unknown key is refused
  DEPLOY_KEY_FILE       key that fetches the code of a bundle; for coolify:… it is read through the API
  COOLIFY_URL, COOLIFY_TOKEN or COOLIFY_TOKEN_FILE   for inputs of the form coolify:application/UUID
`;
