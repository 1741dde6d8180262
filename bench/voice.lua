-- What wrk sends: POST /v1/calls with a token, to a thousand numbers in turn, each with an NCCO of its own.
-- wrk -s voice.lua URL -- TOKEN

local body = [[{"to":[{"type":"phone","number":"447700900%03d"}],"from":{"type":"phone","number":"447700900000"},]]
  .. [["ncco":[{"action":"talk","text":"Your parcel comes today between 9 and 11."}]}]]
local made = 0
local ready = {}

function init(args)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  for k = 0, 999 do ready[k] = wrk.format(nil, nil, nil, body:format(k)) end
end

function request()
  made = made + 1
  return ready[made % 1000]
end
