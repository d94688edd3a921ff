-- A table, a big integer, a date and a nested map pass through five languages and come back as they went.
local t = require("harness")

t.run(function()
  local fixture = vim.fs.joinpath(vim.env.METASCRIPT_REPOSITORY, "fixtures/round-trip.tars")
  t.open_attached(table.concat(vim.fn.readfile(fixture), "\n") .. "\n")
  local languages = t.client().server_capabilities.experimental.metascript.languages
  vim.cmd("Metascript run_all")
  vim.cmd("normal! G")
  if not vim.list_contains(languages, "rust") then
    t.sees("wasm32-wasip1", "where no Rust is, it is said what to install")
    return
  end
  for _, name in ipairs({ "table", "huge", "day", "place" }) do
    t.sees(name .. " True", name .. " came back from all of them")
  end
end)
