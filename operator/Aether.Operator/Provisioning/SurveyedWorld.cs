using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>A world whose facts a survey reads.</summary>
/// <param name="Names">Its names in the stores.</param>
/// <param name="Profile">Its settings.</param>
internal sealed record SurveyedWorld(WorldNames Names, WorldProfile Profile);
