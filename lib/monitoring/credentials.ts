/** With what the probe signs in; no kind of it puts a secret into Terraform's state or plan. */
export type Credentials = SecretCredentials | DockerConfigCredentials | VariableCredentials;

/** An existing Secret, mounted as files, so that a rotated password is in force at the next run. */
export interface SecretCredentials {
  readonly kind: "secret";
  /** In the probe's namespace; may be a token. */
  readonly secretName: string;
  readonly usernameKey: string;
  readonly passwordKey: string;
}

/** An existing Secret of type kubernetes.io/dockerconfigjson: the one that pods pull with. */
export interface DockerConfigCredentials {
  readonly kind: "dockerConfig";
  /** In the probe's namespace; may be a token. */
  readonly secretName: string;
}

/** Two Terraform variables, written into a Secret of the construct's own; needs Terraform 1.11 or later. */
export interface VariableCredentials {
  readonly kind: "variable";
  /** Name of the Terraform variable with the user's name. */
  readonly usernameVariable: string;
  readonly passwordVariable: string;
  /** Terraform cannot see that a write-only value changed: a higher number makes it write again. */
  readonly revision: number;
}

export const Credentials = {
  /**
   * @param options.usernameKey default `username`, the key of kubernetes.io/basic-auth
   * @param options.passwordKey default `password`
   */
  secret(
    secretName: string,
    options: { readonly usernameKey?: string; readonly passwordKey?: string } = {},
  ): SecretCredentials {
    const { usernameKey = "username", passwordKey = "password" } = options;
    return { kind: "secret", secretName, usernameKey, passwordKey };
  },

  dockerConfig(secretName: string): DockerConfigCredentials {
    return { kind: "dockerConfig", secretName };
  },

  /**
   * The variables are declared sensitive and ephemeral: set them by TF_VAR_<name> or a var file at each apply.
   *
   * @param options.usernameVariable default `registry_username`
   * @param options.passwordVariable default `registry_password`
   * @param options.revision default 1; raise it whenever the password changes
   */
  variable(
    options: {
      readonly usernameVariable?: string;
      readonly passwordVariable?: string;
      readonly revision?: number;
    } = {},
  ): VariableCredentials {
    const { usernameVariable = "registry_username", passwordVariable = "registry_password" } = options;
    return { kind: "variable", usernameVariable, passwordVariable, revision: options.revision ?? 1 };
  },
};
