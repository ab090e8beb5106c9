-- Requests for wrk: a file with two lines each, headers ("Name: value", separated by tabs) and the body.
-- Signed requests are good once, so the file should hold as many as will be sent; it is begun again at its end.
local requests, place = {}, 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  while true do
    local head, body = file:read("*l"), file:read("*l")
    if not head or not body then break end
    local headers = {}
    for name, value in head:gmatch("([^\t:]+): ([^\t]*)") do headers[name] = value end
    requests[#requests + 1] = wrk.format("POST", "/", headers, body)
  end
  file:close()
end

function request()
  place = place % #requests + 1
  return requests[place]
end
