-- Health of every kind of kms.reconciler.dev, as docs/operator/conditions.md says.
-- Argo CD runs this in gopher-lua (Lua 5.1), without its standard libraries.
local hs = { status = "Progressing", message = "the operator has not seen this object yet" }
local status = obj.status
if status == nil then
  return hs
end

local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local function is(name, value)
  return conditions[name] ~= nil and conditions[name].status == value
end

local function told(name, otherwise)
  local condition = conditions[name]
  if condition == nil or condition.message == nil or condition.message == "" then
    return otherwise
  end
  return condition.message
end

local seen = status.observedGeneration == nil or obj.metadata.generation == nil
  or status.observedGeneration == obj.metadata.generation

if is("Stalled", "True") and seen then
  hs.status = "Degraded"
  hs.message = told("Stalled", "a person has to act")
elseif obj.metadata.deletionTimestamp ~= nil then
  hs.message = told("Reconciling", "it is being deleted")
elseif conditions.Synced ~= nil and conditions.Synced.reason == "Paused" then
  hs.status = "Suspended"
  hs.message = told("Synced", "paused")
elseif not seen then
  hs.message = "the operator has not seen the latest change yet"
elseif is("Reconciling", "True") then
  hs.message = told("Reconciling", "changes are being made")
elseif is("Ready", "True") then
  hs.status = "Healthy"
  hs.message = told("Ready", "")
else
  hs.message = told("Ready", hs.message)
end
return hs
