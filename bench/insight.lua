-- What wrk asks: POST with a form, about a thousand numbers in turn.
-- wrk -s insight.lua URL

local form = "api_key=abcd1234&api_secret=s3cr3tS3cr3t&number=447700900%03d"
local made = 0
local ready = {}

function init()
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  for k = 0, 999 do ready[k] = wrk.format(nil, nil, nil, form:format(k)) end
end

function request()
  made = made + 1
  return ready[made % 1000]
end
