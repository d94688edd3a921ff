-- Options: what fits, what does not, and what is said about it. Needs no server.
local t = require("harness")
local config = require("metascript.config")
local metascript = require("metascript")

--- What setup() says about options.
local function said(options)
  t.notifications = {}
  metascript.setup(options)
  return t.notified()
end

t.run(function()
  t.equal(said({}), "", "no options: nothing to say")
  t.equal(config.options.server.path, "metascript", "the server is looked up by its name")
  t.equal(config.options.output.max_lines, 16, "output is bounded by default")

  local unknown = said({ outptu = {} })
  t.contains(unknown, "outptu: there is no such option", "an unknown option is reported")
  t.contains(
    said({ output = { maxlines = 3 } }),
    "is `output.max_lines` meant?",
    "and the near one named"
  )

  local wrong = said({ output = { max_lines = "many", colors = false } })
  t.contains(wrong, "output.max_lines: expected number, got string", "a wrong type is reported")
  t.equal(config.options.output.max_lines, 16, "the bad option has its default")
  t.equal(config.options.output.colors, false, "the good one beside it is taken")

  t.contains(
    said({ output = { max_lines = 0 } }),
    "output.max_lines: expected a whole number from 1 up, got 0",
    "a value out of range is reported"
  )
  t.contains(
    said({ server = { args = { 1 } } }),
    "server.args: expected a list of strings",
    "a list of the wrong things is reported"
  )
  t.contains(
    said({ signs = { ok = "okay" } }),
    "signs.ok: expected one or two columns wide",
    "a sign too wide is reported"
  )
  t.contains(
    said({ server = "x" }),
    "server: expected a table, got string",
    "so is a group that is no table"
  )
  t.contains(said("x"), "expected a table of options, got string", "and options that are no table")
  local both = said({ folding = 1, keymaps = 2 })
  t.check(both:find("folding") and both:find("keymaps"), "all problems are told at once", both)

  t.contains(
    said({ run = { enabled = "yes" } }),
    "run.enabled: expected boolean or function, got string",
    "a type out of several is reported"
  )
  said({
    run = {
      enabled = function(root)
        return root == "/trusted"
      end,
      time_limit_ms = 500,
      policy = "moderate",
    },
  })
  local client = require("metascript.client")
  t.equal(client.initialization_options("/trusted").run.enabled, true, "a trusted root runs cells")
  t.equal(client.initialization_options("/other").run.enabled, false, "another does not")
  t.equal(
    client.initialization_options("/x").run.timeLimitMs,
    500,
    "limits reach the server's options"
  )
  t.equal(
    client.initialization_options("/x").run.policy,
    "moderate",
    "and so does the name of a policy"
  )
  t.equal(
    client.initialization_options("/x").fsharp.diagnostics,
    true,
    "F# cells are checked unless said otherwise"
  )
  said({ run = {
    enabled = function()
      error("boom")
    end,
  } })
  t.equal(client.initialization_options("/x").run.enabled, false, "a check that fails means no")
  t.contains(t.notified(), "boom", "and its error is shown")

  -- The command line.
  local function complete(line)
    return vim.fn.getcompletion(line, "cmdline")
  end
  t.equal(
    complete("Metascript run"),
    { "run", "run_above", "run_all", "run_and_next", "run_stale" },
    ":Metascript completes its verbs"
  )
  t.equal(complete("Metascript run x"), {}, "and nothing after one")
  t.notifications = {}
  vim.cmd("Metascript rstart")
  t.contains(
    t.notified(),
    "there is no verb `rstart`; is `restart` meant?",
    "a misspelt verb is reported"
  )
  local usage = vim.api.nvim_exec2("Metascript", { output = true }).output
  t.contains(usage, "interrupt", "without a verb the verbs are listed")

  -- Without the server.
  said({ server = { path = "/nowhere/metascript" } })
  local first = t.open("PYTHON {\n    1\n}\n")
  vim.wait(200)
  t.contains(
    t.notified(),
    "the server `/nowhere/metascript` was not found",
    "a missing server is named"
  )
  t.contains(t.notified(), "Install it and put it on $PATH", "and what to do is said")
  t.open("PYTHON {\n    2\n}\n", "other.trsx")
  vim.wait(200)
  local _, count = t.notified():gsub("was not found", "")
  t.equal(count, 1, "a second file does not say it again")
  vim.cmd("Metascript run")
  _, count = t.notified():gsub("was not found", "")
  t.equal(count, 2, "but asking for the server does")
  t.equal(#vim.lsp.get_clients(), 0, "no client was started")
  t.equal(vim.bo[first].filetype, "metascript", "the file is a metascript all the same")
  t.equal(metascript.statusline(), "metascript: off", "the status line says that it is off")

  vim.cmd("checkhealth metascript")
  local report = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
  t.contains(report, "`/nowhere/metascript` was not found", ":checkhealth names the missing server")
  t.contains(report, "set server.path in setup()", "and tells how to mend it")

  vim.cmd("enew")
  t.notifications = {}
  vim.cmd("Metascript run")
  t.contains(
    t.notified(),
    "this buffer is not a metascript",
    "elsewhere :Metascript says that it does not fit"
  )
end)
