import { useState } from "preact/hooks";

import { signIn, signInProblem } from "../api/session";
import { Form, TextField } from "../ui/form";
import { Mark } from "../ui/mark";

export function SignInPage() {
  const [token, setToken] = useState("");
  const problem = signInProblem.value;
  return (
    <main class="sign-in" id="main">
      <section class="card">
        <p class="brand">
          <Mark />
          <span>oneping</span>
        </p>
        <h1>Sign in</h1>
        {problem && (
          <p class="notice fair" role="alert">
            {problem.detail}
          </p>
        )}
        <Form fields={["token"]} submit="Sign in" onSubmit={() => signIn(token.trim())}>
          <TextField
            label="API token"
            field="token"
            type="password"
            value={token}
            onInput={setToken}
            placeholder="opa_…"
            autoComplete="current-password"
            autoFocus
            isCode
          />
        </Form>
        <p class="hint">
          On the edge’s machine, <code>oneping edge dashboard</code> prints a link that signs you in, and{" "}
          <code>oneping api-token create NAME --role admin</code> makes a token.
        </p>
      </section>
    </main>
  );
}
