namespace Aether.ControllerRuntime.Admission;

/// <summary>Decides an admission request. If the handler throws, the webhook's failurePolicy decides instead.</summary>
public delegate Task<AdmissionResult> AdmissionHandler(
    AdmissionRequest request, CancellationToken cancellationToken);
