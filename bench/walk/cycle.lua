-- For wrk: GETs every path of a list in turn, again and again. Arguments: the list, one "path<TAB>range" a line (an
-- empty range for none), the Accept header, and the Authorization header or nothing. Ends with
-- "RESULT requests microseconds errors".
local requests = {}
local at = 0

function init(args)
  for line in io.lines(args[1]) do
    local path, range = line:match("^([^\t]+)\t(.*)$")
    local headers = { Accept = args[2] }
    if args[3] ~= nil and args[3] ~= "" then
      headers.Authorization = args[3]
    end
    if range ~= "" then
      headers.Range = range
    end
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format("RESULT %d %d %d\n", summary.requests, summary.duration, errors))
end
