package main

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	batchv1 "k8s.io/api/batch/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/api/validation/path"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/conversion"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/registry/generic"
	genericregistry "k8s.io/apiserver/pkg/registry/generic/registry"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/options"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/names"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// builtin describes one stored kind. Everything else about it is derived.
type builtin struct {
	gv        schema.GroupVersion
	kind      string
	plural    string
	short     []string
	cluster   bool                              // not namespaced
	status    bool                              // has a status, changed only through /status
	counted   string                            // the field whose changes count as a new generation
	selectors func(o runtime.Object) fields.Set // field selectors besides metadata
	name      validation.ValidateNameFunc       // nil: a DNS subdomain
}

var (
	core, apps, batch, rbac = corev1.SchemeGroupVersion, appsv1.SchemeGroupVersion, batchv1.SchemeGroupVersion, rbacv1.SchemeGroupVersion
	net1, webhooks          = networkingv1.SchemeGroupVersion, admissionregistrationv1.SchemeGroupVersion
	label                   = validation.NameIsDNSLabel
	segment                 = path.ValidatePathSegmentName
)

var builtins = []builtin{
	{gv: core, kind: "Namespace", plural: "namespaces", short: []string{"ns"}, cluster: true, status: true, name: label, selectors: func(o runtime.Object) fields.Set {
		return fields.Set{"status.phase": string(o.(*corev1.Namespace).Status.Phase)}
	}},
	{gv: core, kind: "Node", plural: "nodes", short: []string{"no"}, cluster: true, status: true},
	{gv: core, kind: "PersistentVolume", plural: "persistentvolumes", short: []string{"pv"}, cluster: true, status: true},
	{gv: core, kind: "Pod", plural: "pods", short: []string{"po"}, status: true, counted: "Spec", selectors: func(o runtime.Object) fields.Set {
		p := o.(*corev1.Pod)
		return fields.Set{"spec.nodeName": p.Spec.NodeName, "spec.serviceAccountName": p.Spec.ServiceAccountName, "status.phase": string(p.Status.Phase)}
	}},
	{gv: core, kind: "Secret", plural: "secrets", selectors: func(o runtime.Object) fields.Set {
		return fields.Set{"type": string(o.(*corev1.Secret).Type)}
	}},
	{gv: core, kind: "ConfigMap", plural: "configmaps", short: []string{"cm"}},
	{gv: core, kind: "Service", plural: "services", short: []string{"svc"}, status: true, name: label},
	{gv: core, kind: "ServiceAccount", plural: "serviceaccounts", short: []string{"sa"}},
	{gv: core, kind: "PersistentVolumeClaim", plural: "persistentvolumeclaims", short: []string{"pvc"}, status: true},
	{gv: core, kind: "Endpoints", plural: "endpoints", short: []string{"ep"}},
	{gv: core, kind: "Event", plural: "events", short: []string{"ev"}, selectors: eventFields},
	{gv: apps, kind: "Deployment", plural: "deployments", short: []string{"deploy"}, status: true, counted: "Spec"},
	{gv: apps, kind: "ReplicaSet", plural: "replicasets", short: []string{"rs"}, status: true, counted: "Spec"},
	{gv: apps, kind: "StatefulSet", plural: "statefulsets", short: []string{"sts"}, status: true, counted: "Spec"},
	{gv: apps, kind: "DaemonSet", plural: "daemonsets", short: []string{"ds"}, status: true, counted: "Spec"},
	{gv: batch, kind: "Job", plural: "jobs", status: true, counted: "Spec"},
	{gv: batch, kind: "CronJob", plural: "cronjobs", short: []string{"cj"}, status: true, counted: "Spec"},
	{gv: coordinationv1.SchemeGroupVersion, kind: "Lease", plural: "leases"},
	{gv: policyv1.SchemeGroupVersion, kind: "PodDisruptionBudget", plural: "poddisruptionbudgets", short: []string{"pdb"}, status: true, counted: "Spec"},
	{gv: net1, kind: "NetworkPolicy", plural: "networkpolicies", short: []string{"netpol"}, counted: "Spec"},
	{gv: net1, kind: "Ingress", plural: "ingresses", short: []string{"ing"}, status: true, counted: "Spec"},
	{gv: rbac, kind: "Role", plural: "roles", name: segment},
	{gv: rbac, kind: "RoleBinding", plural: "rolebindings", name: segment},
	{gv: rbac, kind: "ClusterRole", plural: "clusterroles", cluster: true, name: segment},
	{gv: rbac, kind: "ClusterRoleBinding", plural: "clusterrolebindings", cluster: true, name: segment},
	{gv: webhooks, kind: "MutatingWebhookConfiguration", plural: "mutatingwebhookconfigurations", cluster: true, counted: "Webhooks"},
	{gv: webhooks, kind: "ValidatingWebhookConfiguration", plural: "validatingwebhookconfigurations", cluster: true, counted: "Webhooks"},
}

func eventFields(o runtime.Object) fields.Set {
	e := o.(*corev1.Event)
	return fields.Set{"involvedObject.kind": e.InvolvedObject.Kind, "involvedObject.namespace": e.InvolvedObject.Namespace,
		"involvedObject.name": e.InvolvedObject.Name, "involvedObject.uid": string(e.InvolvedObject.UID),
		"involvedObject.apiVersion": e.InvolvedObject.APIVersion, "involvedObject.fieldPath": e.InvolvedObject.FieldPath,
		"reason": e.Reason, "type": e.Type, "source": e.Source.Component, "reportingComponent": e.ReportingController}
}

var (
	scheme = newScheme()
	codecs = serializer.NewCodecFactory(scheme)
)

// newScheme registers every external kind also as its group's internal version. The generic
// registry works on internal kinds, and those of Kubernetes itself are not to be had as a library.
func newScheme() *runtime.Scheme {
	s := runtime.NewScheme()
	metav1.AddToGroupVersion(s, core)
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, appsv1.AddToScheme, batchv1.AddToScheme,
		coordinationv1.AddToScheme, eventsv1.AddToScheme, policyv1.AddToScheme, networkingv1.AddToScheme, rbacv1.AddToScheme,
		admissionregistrationv1.AddToScheme, authenticationv1.AddToScheme, authorizationv1.AddToScheme, addDefaults} {
		utilruntime.Must(add(s))
	}
	for gvk, t := range s.AllKnownTypes() {
		if !strings.HasPrefix(t.PkgPath(), "k8s.io/api/") {
			continue
		}
		null := reflect.Zero(reflect.PointerTo(t)).Interface()
		utilruntime.Must(s.AddConversionFunc(null, null, func(from, to any, _ conversion.Scope) error {
			reflect.ValueOf(to).Elem().Set(reflect.ValueOf(from.(runtime.Object).DeepCopyObject()).Elem())
			return nil
		}))
		if gvk.Group != eventsv1.GroupName {
			s.AddKnownTypeWithName(gvk.GroupKind().WithVersion(runtime.APIVersionInternal), reflect.New(t).Interface().(runtime.Object))
		}
	}
	// The two Event kinds are one: events.k8s.io/v1 is another view of what core/v1 stores.
	s.AddKnownTypes(schema.GroupVersion{Group: eventsv1.GroupName, Version: runtime.APIVersionInternal}, &corev1.Event{}, &corev1.EventList{})
	utilruntime.Must(addEventConversions(s))
	for _, b := range builtins {
		utilruntime.Must(s.AddFieldLabelConversionFunc(b.gv.WithKind(b.kind), b.fieldLabel(s)))
		if b.kind == "Event" {
			known := b.fieldLabel(s)
			utilruntime.Must(s.AddFieldLabelConversionFunc(eventsv1.SchemeGroupVersion.WithKind(b.kind), func(name, value string) (string, string, error) {
				return known(strings.NewReplacer("regarding.", "involvedObject.", "reportingController", "reportingComponent").Replace(name), value)
			}))
		}
	}
	return s
}

func (b builtin) fieldLabel(s *runtime.Scheme) runtime.FieldLabelConversionFunc {
	known := fields.Set{}
	if b.selectors != nil {
		o, err := s.New(b.gv.WithKind(b.kind))
		utilruntime.Must(err)
		known = b.selectors(o)
	}
	return func(name, value string) (string, string, error) {
		if _, ok := known[name]; ok {
			return name, value, nil
		}
		return runtime.DefaultMetaV1FieldSelectorConversion(name, value)
	}
}

func kindOf(o runtime.Object) schema.GroupVersionKind {
	kinds, _, err := scheme.ObjectKinds(o)
	utilruntime.Must(err)
	return kinds[0]
}

func newOf(gvk schema.GroupVersionKind) func() runtime.Object {
	return func() runtime.Object {
		o, err := scheme.New(gvk)
		utilruntime.Must(err)
		return o
	}
}

// bareDecoder keeps objects in memory free of apiVersion and kind, as internal kinds are.
type bareDecoder struct{ runtime.Decoder }

func (d bareDecoder) Decode(data []byte, defaults *schema.GroupVersionKind, into runtime.Object) (runtime.Object, *schema.GroupVersionKind, error) {
	o, gvk, err := d.Decoder.Decode(data, defaults, into)
	if err == nil && o != nil {
		o.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
	}
	return o, gvk, err
}

// resource is what a builtin is served from; statusResource serves its /status.
type resource struct {
	*genericregistry.Store
	builtin
}

func (r resource) ShortNames() []string { return r.short }
func (r resource) Categories() []string {
	if slices.Contains([]schema.GroupVersion{apps, batch}, r.gv) || r.kind == "Pod" || r.kind == "Service" {
		return []string{"all"}
	}
	return nil
}

type statusResource struct{ store *genericregistry.Store }

func (r statusResource) New() runtime.Object { return r.store.New() }
func (r statusResource) Destroy()            {} // the store is its resource's
func (r statusResource) Get(ctx context.Context, name string, o *metav1.GetOptions) (runtime.Object, error) {
	return r.store.Get(ctx, name, o)
}
func (r statusResource) Update(ctx context.Context, name string, info rest.UpdatedObjectInfo, create rest.ValidateObjectFunc, update rest.ValidateObjectUpdateFunc, _ bool, o *metav1.UpdateOptions) (runtime.Object, bool, error) {
	return r.store.Update(ctx, name, info, create, update, false, o)
}
func (r statusResource) GetResetFields() map[fieldpath.APIVersion]*fieldpath.Set {
	return r.store.GetResetFields()
}
func (r statusResource) ConvertToTable(ctx context.Context, o, options runtime.Object) (*metav1.Table, error) {
	return r.store.ConvertToTable(ctx, o, options)
}

func newResource(b builtin, getter generic.RESTOptionsGetter) (resource, statusResource, error) {
	gr := b.gv.WithResource(b.plural).GroupResource()
	s := strategy{scheme, names.SimpleNameGenerator, b, false}
	store := &genericregistry.Store{
		NewFunc:                   newOf(b.gv.WithKind(b.kind)),
		NewListFunc:               newOf(b.gv.WithKind(b.kind + "List")),
		DefaultQualifiedResource:  gr,
		SingularQualifiedResource: schema.GroupResource{Group: gr.Group, Resource: strings.ToLower(b.kind)},
		CreateStrategy:            s,
		UpdateStrategy:            s,
		DeleteStrategy:            s,
		ResetFieldsStrategy:       s,
		TableConvertor:            rest.NewDefaultTableConvertor(gr),
	}
	if b.kind == "Pod" {
		store.DeleteStrategy = podStrategy{s}
	}
	err := store.CompleteWithOptions(&generic.StoreOptions{RESTOptions: getter, AttrFunc: func(o runtime.Object) (labels.Set, fields.Set, error) {
		attrs := storage.DefaultNamespaceScopedAttr
		if b.cluster {
			attrs = storage.DefaultClusterScopedAttr
		}
		l, f, err := attrs(o)
		if err == nil && b.selectors != nil {
			f = fields.Set(labels.Merge(labels.Set(f), labels.Set(b.selectors(o))))
		}
		return l, f, err
	}})
	status := *store
	s.onStatus = true
	status.UpdateStrategy, status.ResetFieldsStrategy = s, s
	return resource{store, b}, statusResource{&status}, err
}

// installBuiltins adds every built-in group to the server that already serves CRDs.
func installBuiltins(server *genericapiserver.GenericAPIServer, etcd options.EtcdOptions, tokens authenticator.Token, rules *rbacAuthorizer) error {
	versions := []schema.GroupVersion{}
	for _, b := range builtins {
		if !slices.Contains(versions, b.gv) {
			versions = append(versions, b.gv)
		}
	}
	codec := codecs.LegacyCodec(versions...)
	etcd.StorageConfig.Codec = runtime.NewCodec(codec, bareDecoder{codec})
	getter := etcd.CreateRESTOptionsGetter(&options.SimpleStorageFactory{StorageConfig: etcd.StorageConfig}, nil)

	groups := map[string]map[string]rest.Storage{
		authenticationv1.GroupName: authenticationReviews(tokens),
		authorizationv1.GroupName:  authorizationReviews(rules),
	}
	for _, b := range builtins {
		main, status, err := newResource(b, getter)
		if err != nil {
			return fmt.Errorf("%s: %w", b.plural, err)
		}
		if b.gv == rbac {
			rules.guardEscalation(b, main.Store)
		}
		if groups[b.gv.Group] == nil {
			groups[b.gv.Group] = map[string]rest.Storage{}
		}
		groups[b.gv.Group][b.plural] = main
		if b.status {
			groups[b.gv.Group][b.plural+"/status"] = status
		}
		if b.kind == "Pod" {
			groups[b.gv.Group]["pods/binding"] = bindingResource{main.Store}
		}
		if b.kind == "Event" {
			groups[eventsv1.GroupName] = map[string]rest.Storage{b.plural: main}
		}
	}
	for group, resources := range groups {
		info := genericapiserver.NewDefaultAPIGroupInfo(group, scheme, runtime.NewParameterCodec(scheme), codecs)
		info.VersionedResourcesStorageMap["v1"] = resources
		install := server.InstallAPIGroup
		if group == corev1.GroupName {
			install = func(i *genericapiserver.APIGroupInfo) error {
				return server.InstallLegacyAPIGroup(genericapiserver.DefaultLegacyAPIPrefix, i)
			}
		}
		if err := install(&info); err != nil {
			return fmt.Errorf("group %q: %w", group, err)
		}
	}
	return nil
}
